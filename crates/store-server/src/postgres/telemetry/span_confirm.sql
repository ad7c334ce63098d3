-- Spans that a later observation says again. Parameters: none.
UPDATE span SET observed_at = staged.observed_at
FROM stage_span AS staged
WHERE staged.fate = 2 AND span.trace_id = staged.trace_id AND span.span_id = staged.span_id
    AND span.kind = staged.kind;
