-- A mark. Parameters: name text. Order: one row.
SELECT number FROM telemetry_mark WHERE name = ?;
