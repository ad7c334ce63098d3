-- How many staged records are new and how many win, with the newest instant of both. Parameters: none.
-- Order: by record.
SELECT record, count(*) FILTER (WHERE fate = 0), count(*) FILTER (WHERE fate = 1), max(instant)
FROM stage_record
WHERE fate IN (0, 1)
GROUP BY record
ORDER BY record COLLATE "C";
