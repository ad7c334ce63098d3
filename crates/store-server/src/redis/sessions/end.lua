-- Ends one session. Gives 1 when there was one.
-- KEYS[1]: the session. ARGV: what an account's key begins with, its hexadecimal key.
local account = redis.call('HGET', KEYS[1], 'account')
if account then redis.call('ZREM', ARGV[1] .. account, ARGV[2]) end
return redis.call('DEL', KEYS[1])
