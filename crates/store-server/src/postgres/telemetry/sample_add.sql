-- Staged samples that are new. Parameters: observed_at: bigint.
INSERT INTO sample
SELECT series, instant, value, $observed_at FROM stage_sample WHERE fate = 0
ORDER BY instant, series;
