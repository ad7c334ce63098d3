-- The weeks of the samples that an archive brings, for their partitions; at most as many as there may be.
-- Parameters: none. Order: by week.
SELECT DISTINCT floor(instant::numeric / 604800000000)::bigint AS week
FROM archived_sample
ORDER BY week
LIMIT 1000;
