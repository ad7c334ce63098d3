-- How much there is of each kind of data. Parameters: until: bigint, instants after it do not count.
-- Order: by kind.
SELECT * FROM (
    SELECT 'samples' AS data, count(*) AS rows, min(at) AS first, max(at) AS last
    FROM sample WHERE at <= $until
    UNION ALL
    SELECT 'spans', count(*), min(start_at), max(start_at) FROM span WHERE start_at <= $until
    UNION ALL
    SELECT 'edges', count(*), min(at), max(at) FROM edge_minute WHERE at <= $until
    UNION ALL
    SELECT 'logs', coalesce(sum(count), 0)::BIGINT, min(at), max(at)
    FROM log_minute WHERE at <= $until
    UNION ALL
    SELECT 'charges', count(*), min(start_at), max(end_at) FROM charge
    WHERE end_at <= $until AND bill IN (SELECT id FROM bill WHERE state = 'counted')
    UNION ALL
    SELECT kind.data, count(record.key), min(record.at), max(record.at)
    FROM (VALUES ('incidents', 'incident'), ('changes', 'change'), ('findings', 'finding'),
        ('values', 'value'), ('budgets', 'budget')) AS kind(data, record)
    LEFT JOIN record ON record.record = kind.record
        AND (record.at IS NULL OR record.at <= $until)
    GROUP BY kind.data
)
ORDER BY data;
