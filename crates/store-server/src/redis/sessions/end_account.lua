-- Ends every session of an account. Gives how many there were.
-- KEYS[1]: the account's sessions. ARGV[1]: what a session's key begins with.
local ended = 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  ended = ended + redis.call('DEL', ARGV[1] .. key)
end
redis.call('DEL', KEYS[1])
return ended
