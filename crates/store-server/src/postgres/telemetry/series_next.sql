-- The next free number of a series. Parameters: none. Order: one row.
SELECT coalesce(max(id) + 1, 0) FROM series;
