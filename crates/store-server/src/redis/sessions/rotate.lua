-- Puts a session under a new key, once; the old one holds for a moment more.
-- KEYS[1]: the old session. KEYS[2]: the new one. ARGV: what an account's key begins with, the new
-- hexadecimal key, now, microseconds for which the old one holds.
local one = redis.call('HMGET', KEYS[1], 'seen_at', 'idle', 'ends_at', 'account', 'is_replaced', 'created_at')
local now = tonumber(ARGV[3])
if not one[1] or one[5] == '1' or now >= tonumber(one[3]) or now >= one[1] + one[2] then return {} end
redis.call('HSET', KEYS[2], 'account', one[4], 'created_at', one[6], 'rotated_at', ARGV[3],
  'seen_at', ARGV[3], 'idle', one[2], 'ends_at', one[3], 'is_replaced', '0')
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', math.ceil(one[3] / 1000) + 60000))
redis.call('ZADD', ARGV[1] .. one[4], ARGV[3], ARGV[2])
local ends = math.min(tonumber(one[3]), now + ARGV[4])
redis.call('HSET', KEYS[1], 'ends_at', string.format('%.0f', ends), 'is_replaced', '1')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.ceil(ends / 1000) + 60000))
return redis.call('HGETALL', KEYS[2])
