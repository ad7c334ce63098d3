-- The next free number of a file. Parameters: none. Order: one row.
SELECT coalesce(max(id) + 1, 0) FROM charge_file;
