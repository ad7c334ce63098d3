-- Raw rows of the staged hours. Parameters: 1 from and 2 to bigint, the ends of those hours. Expects
-- samples in order of time.
INSERT INTO stage_raw
SELECT sample.series, sample.at, sample.value
FROM sample
SEMI JOIN stage_hour AS hour
    ON hour.series = sample.series
    AND hour.at = sample.at - (sample.at % 3600000000 + 3600000000) % 3600000000
WHERE sample.at >= $1 AND sample.at < $2 AND NOT isnan(sample.value);
