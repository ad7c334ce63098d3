-- Question: which tables does a backup hold.
-- Parameters: none.
-- Order: by name. Reads only the catalogue. Which migrations ran stands in the manifest.
SELECT schema_name || '.' || table_name AS name
FROM duckdb_tables()
WHERE database_name = current_database() AND NOT temporary AND NOT internal
    AND table_name <> 'migration'
ORDER BY name;
