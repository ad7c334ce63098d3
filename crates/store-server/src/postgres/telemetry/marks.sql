-- Every mark. Parameters: none. Order: none; a handful of rows.
SELECT name, number FROM telemetry_mark;
