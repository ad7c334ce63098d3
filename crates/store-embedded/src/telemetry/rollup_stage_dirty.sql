-- Raw rows of the staged hours. Parameters: 1 from and 2 to bigint, the ends of those hours. Expects
-- samples in order of time.
INSERT INTO stage_raw
SELECT sample.series, sample.instant, sample.value
FROM sample
SEMI JOIN stage_hour AS hour
    ON hour.series = sample.series
    AND hour.instant = sample.instant - (sample.instant % 3600000000 + 3600000000) % 3600000000
WHERE sample.instant >= $1 AND sample.instant < $2 AND NOT isnan(sample.value);
