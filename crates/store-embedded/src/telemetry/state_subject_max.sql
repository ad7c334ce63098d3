-- The greatest id of a subject; 0 without any. Parameters: none. Order: one row.
SELECT CAST(coalesce(max(id), 0) AS UBIGINT) FROM subject;
