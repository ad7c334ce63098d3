-- Raw rows of the hours to be rolled up again. Parameters: none. Expects the key of sample.
INSERT INTO stage_raw
SELECT sample.series, sample.instant, sample.value
FROM rollup_dirty AS hour
JOIN sample ON sample.series = hour.series AND sample.instant >= hour.instant
    AND sample.instant < hour.instant + 3600000000
WHERE sample.value <> 'NaN';
