-- Puts staged histograms that win, or say the same later, in the place of those held. Parameters: none.
UPDATE histogram SET period = staged.period, count = staged.count, sum = staged.sum,
    bins = staged.bins, fingerprint = staged.fingerprint, observed_at = staged.observed_at
FROM stage_histogram AS staged
WHERE staged.fate IN (1, 2)
    AND histogram.series = staged.series AND histogram.instant = staged.instant;
