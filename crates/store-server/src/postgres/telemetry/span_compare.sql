-- What becomes of staged spans of which one is held: the later observation wins, ties by fingerprint.
-- Parameters: none. Expects the key of span.
UPDATE stage_span AS staged SET fate =
    CASE WHEN held.fingerprint = staged.fingerprint
            THEN CASE WHEN staged.observed_at > held.observed_at THEN 2 ELSE 3 END
        WHEN staged.observed_at > held.observed_at
            OR (staged.observed_at = held.observed_at
                AND staged.fingerprint > held.fingerprint) THEN 1
        ELSE 3 END
FROM span AS held
WHERE held.trace_id = staged.trace_id AND held.span_id = staged.span_id
    AND held.kind = staged.kind;
