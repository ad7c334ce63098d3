-- Another description of a series. Parameters: 1 id uinteger, 2 signal text, 3 factor double,
-- 4 unit text, 5 type text, 6 hash ubigint.
UPDATE series SET signal = $2, factor = $3, unit = $4, series_type = $5, description = $6
WHERE id = $1;
