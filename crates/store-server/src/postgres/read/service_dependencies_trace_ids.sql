-- service_dependencies: traces whose earliest span starts in a window, a fair sample of them when there
-- are more than the limit: low halves of ids are random. A trace that began before the window is known by
-- its spans of the hour before. Parameters: since: bigint, the hour before the window; from, to: bigint;
-- limit: bigint. Expects the index on start_at. Order: by low and high half.
WITH trace AS (
    SELECT trace_id, min(start_at) AS start_at
    FROM span
    WHERE start_at >= $since AND start_at < $to
    GROUP BY trace_id
)
SELECT trace_id, count(*) OVER () AS total
FROM trace
WHERE start_at >= $from
ORDER BY substring(trace_id from 9), trace_id
LIMIT $limit;
