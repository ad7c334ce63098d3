-- The spans of some traces, whole. Parameters: traces: bytea array. Expects the key of span. Order: by
-- trace, start, span and kind.
SELECT trace_id, span_id, parent_id, service, name, kind, start_at, end_at, is_error, peer,
    sampling_probability, attributes
FROM span
WHERE trace_id = ANY($traces)
ORDER BY trace_id, start_at, span_id, kind;
