-- optimization: how an index was made, and whether it is one of a partitioned table.
-- Parameters: name: text. At most one row.
SELECT pg_get_indexdef(index.oid) AS definition, index.relkind = 'I' AS is_partitioned
FROM pg_class AS index
JOIN pg_namespace AS place ON place.oid = index.relnamespace
WHERE place.nspname IN ('ubiquitous', 'ubiquitous_records') AND index.relname = $name
    AND index.relkind IN ('i', 'I')
ORDER BY place.nspname
LIMIT 1;
