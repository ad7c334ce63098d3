-- Whether these bytes were finished before. Parameters: content_hash, source: text; observed_at: bigint.
-- Expects the index on the hash. Order: one row.
SELECT EXISTS (
    SELECT 1 FROM intake
    WHERE is_finished AND content_hash = $content_hash AND source = $source
        AND observed_at = $observed_at
);
