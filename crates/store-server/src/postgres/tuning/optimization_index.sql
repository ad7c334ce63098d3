-- optimization: indexes with their columns, size and use; those of partitions count with the parent's.
-- Parameters: none. Order: by table and name. Reads the catalogue and the server's own statistics.
SELECT owner.relname::text AS table_name,
    index.relname::text AS name,
    ARRAY(SELECT pg_get_indexdef(index.oid, place, true)
        FROM generate_series(1, entry.indnkeyatts) AS place ORDER BY place)::text[] AS columns,
    method.amname::text AS method,
    pg_get_expr(entry.indpred, entry.indrelid) AS predicate,
    pg_get_indexdef(index.oid) AS definition,
    entry.indisunique AS is_unique,
    EXISTS (SELECT FROM pg_constraint AS rule WHERE rule.conindid = index.oid) AS is_constraint,
    entry.indisvalid AS is_valid,
    coalesce((SELECT sum(use.idx_scan) FROM pg_stat_all_indexes AS use
        WHERE use.indexrelid = index.oid OR use.indexrelid IN (
            SELECT inhrelid FROM pg_inherits WHERE inhparent = index.oid)), 0)::bigint AS scans,
    (SELECT sum(pg_relation_size(part.oid)) FROM pg_class AS part
        WHERE part.oid = index.oid OR part.oid IN (
            SELECT inhrelid FROM pg_inherits WHERE inhparent = index.oid))::bigint AS bytes
FROM pg_index AS entry
JOIN pg_class AS index ON index.oid = entry.indexrelid
JOIN pg_class AS owner ON owner.oid = entry.indrelid
JOIN pg_namespace AS space ON space.oid = owner.relnamespace
JOIN pg_am AS method ON method.oid = index.relam
WHERE space.nspname IN ('ubiquitous', 'ubiquitous_records')
    AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = index.oid)
ORDER BY owner.relname, index.relname;
