-- Histograms that a later observation says again. Parameters: none.
UPDATE histogram SET observed_at = staged.observed_at
FROM stage_histogram AS staged
WHERE histogram.series = staged.series AND histogram.instant = staged.instant
    AND histogram.fingerprint = staged.fingerprint
    AND staged.observed_at > histogram.observed_at;
