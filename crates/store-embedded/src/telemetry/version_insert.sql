-- A version. Parameters: 1 kind text, 2 number ubigint, 3 newest bigint.
INSERT INTO telemetry_version VALUES ($1, $2, $3);
