-- Whether sample is partitioned by the program. Parameters: none. Order: one row.
SELECT relkind = 'p' FROM pg_class WHERE oid = 'sample'::regclass;
