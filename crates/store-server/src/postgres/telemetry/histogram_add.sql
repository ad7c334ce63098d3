-- Staged histograms that are new. Parameters: none.
INSERT INTO histogram
SELECT series, instant, period, count, sum, bins, fingerprint, observed_at
FROM stage_histogram WHERE fate = 0;
