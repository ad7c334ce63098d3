-- optimization: tables with their size, use and condition; partitions are counted with what they are of.
-- Parameters: none. Order: by name. Reads the catalogue and the server's own statistics.
SELECT root.relname::text AS name,
    sum(greatest(part.reltuples, 0))::bigint AS rows,
    sum(pg_table_size(part.oid))::bigint AS bytes,
    sum(pg_indexes_size(part.oid))::bigint AS index_bytes,
    sum(use.n_dead_tup)::bigint AS dead_rows,
    sum(use.n_tup_ins + use.n_tup_upd + use.n_tup_del)::bigint AS rows_written,
    sum(use.seq_scan)::bigint AS scans,
    sum(use.idx_scan)::bigint AS index_scans,
    sum(page.heap_blks_hit)::double precision
        / nullif(sum(page.heap_blks_hit + page.heap_blks_read), 0)::double precision AS cache_hit,
    bool_and(use.n_live_tup < 1000
        OR use.last_analyze IS NOT NULL OR use.last_autoanalyze IS NOT NULL) AS has_statistics,
    count(*)::bigint AS parts
FROM pg_class AS part
LEFT JOIN pg_inherits AS link ON link.inhrelid = part.oid
JOIN pg_class AS root ON root.oid = coalesce(link.inhparent, part.oid)
JOIN pg_namespace AS place ON place.oid = root.relnamespace
LEFT JOIN pg_stat_all_tables AS use ON use.relid = part.oid
LEFT JOIN pg_statio_all_tables AS page ON page.relid = part.oid
WHERE place.nspname IN ('ubiquitous', 'ubiquitous_records') AND part.relkind = 'r'
GROUP BY root.relname
ORDER BY root.relname;
