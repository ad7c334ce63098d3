-- One admission by the generic cell rate algorithm, on Redis' own clock.
-- KEYS[1]: the key. ARGV[1]: microseconds in which one is earned. ARGV[2]: leeway in microseconds.
-- Gives 0 when it is admitted, else the microseconds to wait.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local due = tonumber(redis.call('GET', KEYS[1]) or now)
if due < now then due = now end
local wait = due - now - ARGV[2]
if wait > 0 then return math.ceil(wait) end
due = due + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
return 0
