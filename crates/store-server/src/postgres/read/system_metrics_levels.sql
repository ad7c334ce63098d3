-- Values of series that are no counters, in buckets, from the hour's rollups where these are clean and raw
-- where not. Serves system_metrics (one bucket) and series (many).
-- Parameters: asked: integer array, ids; from, head_to, tail_from, to: bigint, the ends of what is read
-- raw; roll_from, roll_to: bigint, whole hours read from rollups; dirty_from, dirty_to: bigint, the hours
-- of those to read raw after all; step: bigint, length of a bucket.
-- Expects the keys of sample and rollup_hour. Order: by series and bucket.
WITH stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $dirty_from AND instant < $dirty_to AND series = ANY($asked)
),
raw AS (
    SELECT series, instant, value FROM sample
    WHERE instant >= $from AND instant < $head_to AND series = ANY($asked)
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
piece AS (
    SELECT series, instant AS first_at, value AS first, instant AS last_at, value AS last,
        1::bigint AS count, value AS sum, value AS min, value AS max
    FROM raw
    WHERE value <> 'NaN'
    UNION ALL
    SELECT rollup.series, first_at, first, last_at, last, count, sum, min, max
    FROM rollup_hour AS rollup
    WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
        AND rollup.series = ANY($asked)
        AND NOT EXISTS (
            SELECT 1 FROM stale
            WHERE stale.series = rollup.series AND stale.instant = rollup.instant)
)
SELECT series, first_at - (first_at % $step + $step) % $step AS bucket,
    sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
    min(first_at) AS first_at, (array_agg(first ORDER BY first_at))[1] AS first,
    max(last_at) AS last_at, (array_agg(last ORDER BY last_at DESC))[1] AS last,
    0::double precision AS increase
FROM piece
WHERE first_at >= $from
GROUP BY series, bucket
ORDER BY series, bucket;
