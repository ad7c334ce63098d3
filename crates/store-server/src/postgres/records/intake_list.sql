-- The ledger below a number. Parameters: before, limit: bigint. Expects the key. Order: newest first.
SELECT id, run, name, content_hash, format, source, observed_at, observed_by, received_at, outcome,
    is_finished
FROM intake WHERE id < $before ORDER BY id DESC LIMIT $limit;
