-- A row when an hour waits to be rolled up again. Parameters: none. Order: none.
SELECT 1 FROM rollup_dirty LIMIT 1;
