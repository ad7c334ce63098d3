-- Staged samples that are new or win over the one held. Parameters: 1 first and 2 last staged instant
-- bigint. Expects samples in order of time. Order: none.
SELECT staged.series, staged.instant, held.series IS NULL AS is_new
FROM stage_sample AS staged
LEFT JOIN (SELECT * FROM sample WHERE instant >= $1 AND instant <= $2) AS held
    ON held.series = staged.series AND held.instant = staged.instant
WHERE held.series IS NULL
    OR (held.value <> staged.value
        AND (staged.observed_at > held.observed_at
            OR (staged.observed_at = held.observed_at
                AND NOT isnan(staged.value)
                AND (isnan(held.value) OR staged.value > held.value))));
