-- optimization: an index that was begun and never finished. Parameters: $1: its name. At most one row.
SELECT 1
FROM pg_index AS entry
JOIN pg_class AS index ON index.oid = entry.indexrelid
JOIN pg_namespace AS place ON place.oid = index.relnamespace
WHERE place.nspname IN ('ubiquitous', 'ubiquitous_records') AND index.relname = $1
    AND NOT entry.indisvalid AND index.relkind = 'i';
