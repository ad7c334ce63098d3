-- Every series as texts, for an archive. Parameters: none. Order: by id.
SELECT id::VARCHAR, subject::VARCHAR, source, metric, labels, signal, factor::VARCHAR, unit, series_type,
    (description::HUGEINT - 9223372036854775808)::BIGINT::VARCHAR
FROM series
ORDER BY id;
