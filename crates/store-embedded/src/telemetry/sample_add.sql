-- Staged samples that are new. Parameters: 1 first and 2 last staged instant bigint.
INSERT INTO sample
SELECT staged.series, staged.at, staged.value, staged.observed_at
FROM stage_sample AS staged
ANTI JOIN (SELECT series, at FROM sample WHERE at >= $1 AND at <= $2) AS held
    ON held.series = staged.series AND held.at = staged.at
ORDER BY staged.at, staged.series;
