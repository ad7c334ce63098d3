-- Spans that a later observation says again. Parameters: none.
UPDATE span SET observed_at = staged.observed_at
FROM stage_span AS staged
WHERE span.trace_low = staged.trace_low AND span.trace_high = staged.trace_high
    AND span.span_id = staged.span_id AND span.kind = staged.kind
    AND span.fingerprint = staged.fingerprint
    AND staged.observed_at > span.observed_at;
