-- Question: how many rows has each table.
-- Parameters: none.
-- Order: by name. Reads only the catalogue.
SELECT schema_name || '.' || table_name AS name, estimated_size::UBIGINT AS rows
FROM duckdb_tables()
WHERE database_name = current_database() AND NOT temporary
ORDER BY name;
