-- optimization: chunks of hypertables and how many of them are compressed. Asked where TimescaleDB is.
-- Parameters: none. Order: by name.
SELECT hypertable_name::text AS name, count(*) AS parts,
    count(*) FILTER (WHERE is_compressed) AS compressed
FROM timescaledb_information.chunks
WHERE hypertable_schema IN ('ubiquitous', 'ubiquitous_records')
GROUP BY hypertable_name
ORDER BY hypertable_name;
