-- Versions of the kinds of data. Parameters: none. Order: none.
SELECT kind, number, newest FROM telemetry_version;
