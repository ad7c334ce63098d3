-- How much there is of each kind of data. Parameters: until: bigint, instants after it do not count.
-- Order: by kind.
SELECT data, rows, first, last FROM (
    SELECT 'samples' AS data, count(*) AS rows, min(instant) AS first, max(instant) AS last
    FROM sample WHERE instant <= $until
    UNION ALL
    SELECT 'spans', count(*), min(start_at), max(start_at) FROM span WHERE start_at <= $until
    UNION ALL
    SELECT 'edges', count(*), min(instant), max(instant) FROM edge_minute WHERE instant <= $until
    UNION ALL
    SELECT 'logs', coalesce(sum(count), 0)::bigint, min(instant), max(instant)
    FROM log_minute WHERE instant <= $until
    UNION ALL
    SELECT 'charges', count(*), min(start_at), max(end_at) FROM charge
    WHERE end_at <= $until AND bill IN (SELECT id FROM bill WHERE state = 'counted')
    UNION ALL
    SELECT kind.data, count(record.key), min(record.instant), max(record.instant)
    FROM (VALUES ('incidents', 'incident'), ('changes', 'change'), ('findings', 'finding'),
        ('values', 'value'), ('budgets', 'budget')) AS kind(data, record)
    LEFT JOIN record ON record.record = kind.record
        AND (record.instant IS NULL OR record.instant <= $until)
    GROUP BY kind.data
) AS counted
ORDER BY data COLLATE "C";
