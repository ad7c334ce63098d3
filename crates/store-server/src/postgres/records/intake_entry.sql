-- One line of the ledger. Parameters: id: bigint. Expects the key. Order: at most one row.
SELECT id, run, name, content_hash, format, source, observed_at, observed_by, received_at, outcome,
    is_finished
FROM intake WHERE id = $id;
