-- A session that is in force, seen now; one that is not is forgotten.
-- KEYS[1]: the session. ARGV: what an account's key begins with, its hexadecimal key, now.
local one = redis.call('HMGET', KEYS[1], 'seen_at', 'idle', 'ends_at', 'account')
if not one[1] then return {} end
local now = tonumber(ARGV[3])
if now >= tonumber(one[3]) or now >= one[1] + one[2] then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', ARGV[1] .. one[4], ARGV[2])
  return {}
end
if now > tonumber(one[1]) then
  redis.call('HSET', KEYS[1], 'seen_at', ARGV[3])
  redis.call('ZADD', ARGV[1] .. one[4], ARGV[3], ARGV[2])
end
return redis.call('HGETALL', KEYS[1])
