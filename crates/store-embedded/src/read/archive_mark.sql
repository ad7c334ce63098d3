-- The marks of an archive: how far samples are rolled up and held, and the newest of them.
-- Parameters: none. Order: none; a handful of rows.
SELECT name, number FROM telemetry_mark WHERE name IN ('rolled_until', 'raw_from')
UNION ALL
SELECT 'newest', newest
FROM (SELECT greatest((SELECT max(instant) FROM sample), (SELECT max(last_at) FROM rollup_hour),
    (SELECT max(instant) FROM histogram)) AS newest)
WHERE newest IS NOT NULL
