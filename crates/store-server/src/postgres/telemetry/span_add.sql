-- Staged spans that are new, traces together. Parameters: none.
INSERT INTO span
SELECT trace_id, span_id, kind, parent_id, subject, service, name, start_at, end_at, is_error, peer,
    sampling_probability, attributes, fingerprint, observed_at
FROM stage_span WHERE fate = 0
ORDER BY trace_id, start_at;
