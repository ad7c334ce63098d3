-- Takes away histograms that lose to a staged one: the later observation wins, ties by fingerprint.
-- Parameters: none.
DELETE FROM histogram USING stage_histogram AS staged
WHERE histogram.series = staged.series AND histogram.instant = staged.instant
    AND histogram.fingerprint <> staged.fingerprint
    AND (staged.observed_at > histogram.observed_at
        OR (staged.observed_at = histogram.observed_at
            AND staged.fingerprint > histogram.fingerprint));
