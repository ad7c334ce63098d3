-- Samples that lose to a staged one. Parameters: 1 first and 2 last staged instant bigint.
UPDATE sample SET value = staged.value, observed_at = staged.observed_at
FROM stage_sample AS staged
WHERE sample.instant >= $1 AND sample.instant <= $2
    AND sample.series = staged.series AND sample.instant = staged.instant
    AND sample.value <> staged.value
    AND (staged.observed_at > sample.observed_at
        OR (staged.observed_at = sample.observed_at
            AND NOT isnan(staged.value)
            AND (isnan(sample.value) OR staged.value > sample.value)));
