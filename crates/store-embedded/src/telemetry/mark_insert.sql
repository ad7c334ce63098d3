-- A new mark. Parameters: 1 name text, 2 number bigint.
INSERT INTO telemetry_mark VALUES ($1, $2);
