-- Staged spans of which none is held, traces together. Parameters: none.
INSERT INTO span
SELECT staged.* FROM stage_span AS staged
ANTI JOIN span AS held
    ON held.trace_low = staged.trace_low AND held.trace_high = staged.trace_high
    AND held.span_id = staged.span_id AND held.kind = staged.kind
ORDER BY staged.trace_high, staged.trace_low, staged.start_at;
