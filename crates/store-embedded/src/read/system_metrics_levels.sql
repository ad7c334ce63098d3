-- Values of series that are no counters, in buckets, from the hour's rollups where these are clean and raw
-- where not. Serves system_metrics (one bucket) and series (many).
-- Parameters, whole numbers written into the text so that row groups are skipped: asked: ids; from,
-- head_to, tail_from, to: the ends of what is read raw; roll_from, roll_to: whole hours read from rollups;
-- dirty_from, dirty_to: the hours of those to read raw after all; step: length of a bucket.
-- Expects samples in order of time, rollups in order of day. Order: by series and bucket.
WITH stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $dirty_from AND instant < $dirty_to AND series IN ($asked)
),
raw AS (
    SELECT series, instant, value FROM sample
    WHERE instant >= $from AND instant < $head_to AND series IN ($asked)
    UNION ALL
    SELECT series, instant, value FROM sample
    WHERE instant >= $tail_from AND instant < $to AND series IN ($asked)
    UNION ALL
    SELECT sample.series, sample.instant, sample.value FROM sample
    SEMI JOIN stale ON stale.series = sample.series
        AND stale.instant = sample.instant - (sample.instant % 3600000000 + 3600000000) % 3600000000
    WHERE sample.instant >= $dirty_from AND sample.instant < $dirty_to
),
piece AS (
    SELECT series, instant AS first_at, value AS first, instant AS last_at, value AS last,
        1::UBIGINT AS count, value AS sum, value AS min, value AS max
    FROM raw
    WHERE NOT isnan(value)
    UNION ALL
    SELECT rollup.series, first_at, first, last_at, last, count, sum, min, max
    FROM rollup_hour AS rollup
    ANTI JOIN stale ON stale.series = rollup.series AND stale.instant = rollup.instant
    WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
        AND rollup.series IN ($asked)
)
SELECT series, first_at - (first_at % $step + $step) % $step AS bucket,
    sum(count)::UBIGINT AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
    min(first_at) AS first_at, arg_min(first, first_at) AS first,
    max(last_at) AS last_at, arg_max(last, last_at) AS last,
    0::DOUBLE AS increase
FROM piece
WHERE first_at >= $from
GROUP BY series, bucket
ORDER BY series, bucket;
