-- The bounds of the partitions of sample, as names. Parameters: none. Order: none.
SELECT class.relname::text
FROM pg_inherits
JOIN pg_class AS class ON class.oid = pg_inherits.inhrelid
WHERE pg_inherits.inhparent = 'sample'::regclass;
