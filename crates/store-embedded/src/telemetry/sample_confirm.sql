-- Samples that a later observation says again: it is the later one that others must beat. Parameters:
-- 1 first and 2 last staged instant bigint.
UPDATE sample SET observed_at = staged.observed_at
FROM stage_sample AS staged
WHERE sample.at >= $1 AND sample.at <= $2
    AND sample.series = staged.series AND sample.at = staged.at
    AND sample.value = staged.value
    AND staged.observed_at > sample.observed_at;
