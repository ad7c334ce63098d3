-- A new file. Parameters: 1 id uinteger, 2 content hash text, 3 format text, 4 delivery text,
-- 5 exported at bigint.
INSERT INTO charge_file VALUES ($1, $2, $3, $4, $5, 0, false);
