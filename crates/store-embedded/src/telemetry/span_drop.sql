-- Takes away spans that lose to a staged one: the later observation wins, ties by fingerprint.
-- Parameters: none.
DELETE FROM span USING stage_span AS staged
WHERE span.trace_low = staged.trace_low AND span.trace_high = staged.trace_high
    AND span.span_id = staged.span_id AND span.kind = staged.kind
    AND span.fingerprint <> staged.fingerprint
    AND (staged.observed_at > span.observed_at
        OR (staged.observed_at = span.observed_at AND staged.fingerprint > span.fingerprint));
