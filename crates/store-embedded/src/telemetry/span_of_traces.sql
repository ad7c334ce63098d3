-- The spans of some traces, whole. Parameters: 1 traces text, `high:low` joined by spaces. Expects the
-- rows of one trace together. Order: by trace, start, span and kind.
SELECT trace_high, trace_low, span_id, parent_id, service, name, kind, start_at, end_at, is_error,
    peer, sampling_probability, attributes
FROM span
WHERE (trace_high, trace_low) IN (
    SELECT (split_part(trace, ':', 1)::UBIGINT, split_part(trace, ':', 2)::UBIGINT)
    FROM (SELECT unnest(string_split($1, ' ')) AS trace)
    WHERE trace <> ''
)
ORDER BY trace_high, trace_low, start_at, span_id, kind;
