-- cost_cube: the version of what is charged. Parameters: none. Order: one row, or none before any charge.
SELECT number FROM telemetry_version WHERE kind = 'Charges';
