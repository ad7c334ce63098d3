-- Takes a version away before it is put anew. Parameters: 1 kind text.
DELETE FROM telemetry_version WHERE kind = $1;
