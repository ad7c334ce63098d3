-- Keeps a session, and of its account at most so many; those seen longest ago end first.
-- KEYS[1]: the session. KEYS[2]: the account's sessions by the instant they were seen.
-- ARGV: what the session's keys begin with, its hexadecimal key, most of an account, account,
-- created_at, rotated_at, seen_at, idle, ends_at, is_replaced; instants in microseconds.
local prefix, seen = ARGV[1], tonumber(ARGV[7])
for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local one = redis.call('HMGET', prefix .. key, 'seen_at', 'idle', 'ends_at')
  if not one[1] or seen >= tonumber(one[3]) or seen >= one[1] + one[2] then
    redis.call('DEL', prefix .. key)
    redis.call('ZREM', KEYS[2], key)
  end
end
while redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) do
  redis.call('DEL', prefix .. redis.call('ZPOPMIN', KEYS[2])[1])
end
redis.call('HSET', KEYS[1], 'account', ARGV[4], 'created_at', ARGV[5], 'rotated_at', ARGV[6],
  'seen_at', ARGV[7], 'idle', ARGV[8], 'ends_at', ARGV[9], 'is_replaced', ARGV[10])
redis.call('ZADD', KEYS[2], ARGV[7], ARGV[2])
-- By Redis' own clock a little later than by the callers', so that it forgets nothing early.
local ends = math.ceil(ARGV[9] / 1000) + 60000
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
redis.call('PEXPIRE', KEYS[2], 90 * 86400000)
return 1
