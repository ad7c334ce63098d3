-- A line of the ledger. Parameters: id, observed_at, received_at: bigint; run, name, content_hash, format,
-- source, observed_by, outcome: text.
INSERT INTO intake (id, run, name, content_hash, format, source, observed_at, observed_by,
    received_at, outcome, is_finished)
VALUES ($id, $run, $name, $content_hash, $format, $source, $observed_at, $observed_by,
    $received_at, $outcome, false);
