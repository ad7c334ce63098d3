-- What becomes of staged histograms of which one is held: the later observation wins, ties by
-- fingerprint. Parameters: none. Expects the key of histogram.
UPDATE stage_histogram AS staged SET fate =
    CASE WHEN held.fingerprint = staged.fingerprint
            THEN CASE WHEN staged.observed_at > held.observed_at THEN 2 ELSE 3 END
        WHEN staged.observed_at > held.observed_at
            OR (staged.observed_at = held.observed_at
                AND staged.fingerprint > held.fingerprint) THEN 1
        ELSE 3 END
FROM histogram AS held
WHERE held.series = staged.series AND held.instant = staged.instant;
