-- service_dependencies: the spans of some traces, whole. Parameters: 1 traces text, `high:low` joined by
-- spaces. Expects the rows of one trace together. Order: by low and high half, start, span and kind.
SELECT span.trace_high, span.trace_low, span.span_id, span.parent_id, subject.entity, span.name,
    span.kind, span.start_at, span.end_at, span.is_error, span.sampling_probability
FROM span
JOIN subject ON subject.id = span.subject
WHERE (span.trace_high, span.trace_low) IN (
    SELECT (split_part(trace, ':', 1)::UBIGINT, split_part(trace, ':', 2)::UBIGINT)
    FROM (SELECT unnest(string_split($1, ' ')) AS trace)
    WHERE trace <> ''
)
ORDER BY span.trace_low, span.trace_high, span.start_at, span.span_id, span.kind;
