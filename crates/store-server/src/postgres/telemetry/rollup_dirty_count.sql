-- How many hours wait to be rolled up again. Parameters: none. Order: one row.
SELECT count(*) FROM rollup_dirty;
