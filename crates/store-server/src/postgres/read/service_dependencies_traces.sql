-- service_dependencies: the spans of some traces, whole. Parameters: traces: bytea array. Expects the key
-- of span. Order: by low and high half, start, span and kind.
SELECT span.trace_id, span.span_id, span.parent_id, subject.entity, span.name, span.kind,
    span.start_at, span.end_at, span.is_error, span.sampling_probability
FROM span
JOIN subject ON subject.id = span.subject
WHERE span.trace_id = ANY($traces)
ORDER BY substring(span.trace_id from 9), span.trace_id, span.start_at, span.span_id, span.kind;
