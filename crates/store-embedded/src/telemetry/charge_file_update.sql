-- How much of a file is held. Parameters: 1 id uinteger, 2 last row ubigint, 3 complete boolean.
UPDATE charge_file SET row_last = $2, is_complete = $3 WHERE id = $1;
