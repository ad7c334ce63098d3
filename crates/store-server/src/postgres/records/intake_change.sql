-- What became of an input. Parameters: id, observed_at: bigint; outcome, format, source, observed_by:
-- text; is_finished: boolean. Expects the key.
UPDATE intake SET outcome = $outcome, is_finished = $is_finished, format = $format,
    source = $source, observed_at = $observed_at, observed_by = $observed_by
WHERE id = $id;
