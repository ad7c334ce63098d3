-- Values and rolled up hours of series, of which some lie out of order or wait to be rolled up again.
-- Serves system_metrics and series.
-- Parameters, whole numbers written into the text so that row groups are skipped: asked: ids; since,
-- head_to, tail_from, to: the ends of what is read raw; roll_from, roll_to: whole hours read from rollups;
-- dirty_from, dirty_to: the hours of those to read raw after all. Order: by series and instant.
WITH stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $dirty_from AND instant < $dirty_to AND series IN ($asked)
),
raw AS (
    SELECT series, instant, value FROM sample
    WHERE instant >= $since AND instant < $head_to AND series IN ($asked)
    UNION ALL
    SELECT series, instant, value FROM sample
    WHERE instant >= $tail_from AND instant < $to AND series IN ($asked)
    UNION ALL
    SELECT sample.series, sample.instant, sample.value FROM sample
    SEMI JOIN stale ON stale.series = sample.series
        AND stale.instant = sample.instant - (sample.instant % 3600000000 + 3600000000) % 3600000000
    WHERE sample.instant >= $dirty_from AND sample.instant < $dirty_to
)
SELECT series, 1::UBIGINT AS count, value AS sum, value AS min, value AS max, instant AS first_at,
    value AS first, instant AS last_at, value AS last, 0::DOUBLE AS increase
FROM raw
WHERE NOT isnan(value)
UNION ALL
SELECT rollup.series, count, sum, min, max, first_at, first, last_at, last, increase
FROM rollup_hour AS rollup
ANTI JOIN stale ON stale.series = rollup.series AND stale.instant = rollup.instant
WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
    AND rollup.series IN ($asked)
ORDER BY series, first_at;
