-- optimization: size of the database, since when its use is counted, and replicas, whose use it does not
-- count. Parameters: none. One row.
SELECT pg_database_size(current_database()) AS bytes,
    (extract(epoch FROM coalesce(
        (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
        (SELECT min(applied_at) FROM migration))) * 1000000)::bigint AS counted_since,
    (SELECT count(*) FROM pg_stat_replication) AS replicas,
    EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') AS has_timescale;
