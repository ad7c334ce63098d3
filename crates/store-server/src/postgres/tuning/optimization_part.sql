-- optimization: what a table is, and its partitions by name, for an index on each.
-- Parameters: table: text. One row.
SELECT root.relkind::text AS kind,
    ARRAY(SELECT part.relname::text FROM pg_inherits AS link
        JOIN pg_class AS part ON part.oid = link.inhrelid
        WHERE link.inhparent = root.oid ORDER BY part.relname)::text[] AS parts
FROM pg_class AS root
JOIN pg_namespace AS place ON place.oid = root.relnamespace
WHERE place.nspname IN ('ubiquitous', 'ubiquitous_records') AND root.relname = $table
ORDER BY place.nspname
LIMIT 1;
