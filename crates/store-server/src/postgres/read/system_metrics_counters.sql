-- Values of counters in buckets, with the rise into and inside each, from the hour's rollups where these
-- are clean and raw where not. Serves system_metrics (one bucket) and series (many).
-- Parameters: asked: integer array, ids; since, from: bigint, raw rows from `since` are read only for the
-- rise into the first bucket; head_to, tail_from, to: bigint, the ends of what is read raw; roll_from,
-- roll_to: bigint, whole hours read from rollups; dirty_from, dirty_to: bigint, the hours of those to read
-- raw after all; step: bigint, length of a bucket; piece: bigint, length of a raw piece, a divisor of it
-- or the step. Expects the keys of sample and rollup_hour. Order: by series and bucket.
WITH stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $dirty_from AND instant < $dirty_to AND series = ANY($asked)
),
raw AS (
    SELECT series, instant, value FROM sample
    WHERE instant >= $since AND instant < $head_to AND series = ANY($asked)
    UNION ALL
    SELECT series, instant, value FROM sample
    WHERE instant >= $tail_from AND instant < $to AND series = ANY($asked)
    UNION ALL
    SELECT sample.series, sample.instant, sample.value
    FROM stale
    JOIN sample ON sample.series = stale.series AND sample.instant >= stale.instant
        AND sample.instant < stale.instant + 3600000000
    WHERE sample.instant >= $dirty_from AND sample.instant < $dirty_to
),
ordered AS (
    SELECT series, instant, value, instant >= $from AS is_inside,
        instant - (instant % $piece + $piece) % $piece AS piece,
        lag(value) OVER (
            PARTITION BY series, instant - (instant % $piece + $piece) % $piece, instant >= $from
            ORDER BY instant
        ) AS before
    FROM raw
    WHERE value <> 'NaN'
),
piece AS (
    SELECT series, min(instant) AS first_at, (array_agg(value ORDER BY instant))[1] AS first,
        max(instant) AS last_at, (array_agg(value ORDER BY instant DESC))[1] AS last,
        count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max,
        coalesce(sum(CASE WHEN before IS NULL THEN 0 WHEN value >= before THEN value - before
            ELSE value END), 0) AS increase
    FROM ordered
    GROUP BY series, piece, is_inside
    UNION ALL
    SELECT rollup.series, first_at, first, last_at, last, count, sum, min, max, increase
    FROM rollup_hour AS rollup
    WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
        AND rollup.series = ANY($asked)
        AND NOT EXISTS (
            SELECT 1 FROM stale
            WHERE stale.series = rollup.series AND stale.instant = rollup.instant)
),
chained AS (
    SELECT *, lag(last) OVER (PARTITION BY series ORDER BY first_at) AS before FROM piece
)
SELECT series, first_at - (first_at % $step + $step) % $step AS bucket,
    sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
    min(first_at) AS first_at, (array_agg(first ORDER BY first_at))[1] AS first,
    max(last_at) AS last_at, (array_agg(last ORDER BY last_at DESC))[1] AS last,
    sum(increase + CASE WHEN before IS NULL THEN 0 WHEN first >= before THEN first - before
        ELSE first END) AS increase
FROM chained
WHERE first_at >= $from
GROUP BY series, bucket
ORDER BY series, bucket;
