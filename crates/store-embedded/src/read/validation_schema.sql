-- Question: which tables, columns, indexes and constraints are there.
-- Parameters: none.
-- Order: by kind and name. Reads only the catalogue.
SELECT * FROM (
    SELECT 'table' AS kind, schema_name || '.' || table_name AS name, 'table' AS definition
    FROM duckdb_tables()
    WHERE database_name = current_database() AND NOT temporary
    UNION ALL
    SELECT 'column', schema_name || '.' || table_name || '.' || column_name,
        data_type || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END
    FROM duckdb_columns()
    WHERE database_name = current_database() AND NOT internal AND schema_name <> 'temp'
        AND (schema_name, table_name) IN (
            SELECT (schema_name, table_name) FROM duckdb_tables()
            WHERE database_name = current_database() AND NOT temporary
        )
    UNION ALL
    SELECT 'index', schema_name || '.' || table_name || '.' || index_name, coalesce(sql, '')
    FROM duckdb_indexes()
    WHERE database_name = current_database()
    UNION ALL
    SELECT 'constraint', schema_name || '.' || table_name || '.' || constraint_text, constraint_type
    FROM duckdb_constraints()
    WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'CHECK')
)
ORDER BY kind, name;
