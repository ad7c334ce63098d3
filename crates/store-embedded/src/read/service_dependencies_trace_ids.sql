-- service_dependencies: traces whose earliest span starts in a window, a fair sample of them when there
-- are more than the limit: low halves of ids are random. A trace that began before the window is known by
-- its spans of the hour before. Parameters: whole numbers written into the text so that row groups are
-- skipped: since, the hour before the window; from, to; limit. Order: by low and high half.
WITH trace AS (
    SELECT trace_low, trace_high, min(start_at) AS start_at
    FROM span
    WHERE start_at >= $since AND start_at < $to
    GROUP BY trace_low, trace_high
)
SELECT trace_high, trace_low, count(*) OVER () AS total
FROM trace
WHERE start_at >= $from
ORDER BY trace_low, trace_high
LIMIT $limit;
