-- Question: are the hours that are rolled up those of their samples.
-- Parameters: $from and $to bigint, whole hours, half-open.
-- Order: one row. Hours whose samples are no longer held, and dirty ones, are not compared.
WITH counted AS (
    SELECT sample.series, sample.instant - sample.instant % 3600000000 AS instant, count(*) AS samples
    FROM sample
    JOIN series ON series.id = sample.series
    WHERE sample.instant >= $from AND sample.instant < $to AND NOT isnan(sample.value)
    GROUP BY 1, 2
), held AS (
    SELECT series, instant, count FROM rollup_hour WHERE instant >= $from AND instant < $to
)
SELECT (SELECT count(*) FROM held)::UBIGINT,
    (SELECT count(*) FROM rollup_dirty WHERE instant >= $from AND instant < $to)::UBIGINT,
    (
        SELECT count(*) FROM held JOIN counted USING (series, instant)
        WHERE held.count <> counted.samples
            AND (series, instant) NOT IN (SELECT (series, instant) FROM rollup_dirty)
    )::UBIGINT;
