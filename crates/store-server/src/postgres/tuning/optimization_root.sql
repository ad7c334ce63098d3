-- optimization: what each partition is of. Parameters: none. Order: by partition.
SELECT part.relname::text AS part, root.relname::text AS root
FROM pg_inherits AS link
JOIN pg_class AS part ON part.oid = link.inhrelid
JOIN pg_class AS root ON root.oid = link.inhparent
WHERE part.relkind IN ('r', 'f') AND root.relkind IN ('r', 'p')
ORDER BY part.relname;
