-- Puts staged spans that win, or say the same later, in the place of those held. Parameters: none.
UPDATE span SET parent_id = staged.parent_id, subject = staged.subject, service = staged.service,
    name = staged.name, start_at = staged.start_at, end_at = staged.end_at,
    is_error = staged.is_error, peer = staged.peer,
    sampling_probability = staged.sampling_probability, attributes = staged.attributes,
    fingerprint = staged.fingerprint, observed_at = staged.observed_at
FROM stage_span AS staged
WHERE staged.fate = 1 AND span.trace_id = staged.trace_id AND span.span_id = staged.span_id
    AND span.kind = staged.kind;
