-- The version of one kind. Parameters: kind: text. Order: at most one row.
SELECT number, newest FROM telemetry_version WHERE kind = $kind;
