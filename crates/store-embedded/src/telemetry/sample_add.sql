-- Staged samples that are new. Parameters: 1 first and 2 last staged instant bigint.
INSERT INTO sample
SELECT staged.series, staged.instant, staged.value, staged.observed_at
FROM stage_sample AS staged
ANTI JOIN (SELECT series, instant FROM sample WHERE instant >= $1 AND instant <= $2) AS held
    ON held.series = staged.series AND held.instant = staged.instant
ORDER BY staged.instant, staged.series;
