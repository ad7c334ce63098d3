-- Values of durations by bin in buckets, from the hours' bins or raw. Serves system_metrics (one bucket) and
-- series (many).
-- Parameters: asked: integer array, ids; from: bigint, the window; head_to, tail_from, to: bigint, the ends
-- of what is read raw; roll_from, roll_to: bigint, whole hours read from rollups; dirty_from, dirty_to:
-- bigint, the hours of those to read raw after all; step: bigint, length of a bucket.
-- Expects the keys of sample and rollup_bin. Order: by series, bucket and bin.
WITH duration AS (
    SELECT id, factor FROM series
    WHERE id = ANY($asked) AND series_type = 'Gauge' AND signal LIKE '%latency\_seconds'
),
stale AS (
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
all_bins AS (
    SELECT raw.series, raw.instant,
        (CASE WHEN raw.value * duration.factor > 0
                THEN ceil(ln(raw.value * duration.factor) / ln(1.02::float8))
            WHEN raw.value * duration.factor = 0 THEN -2147483648
            ELSE -2147483647 END)::integer AS bin,
        1::bigint AS count
    FROM raw JOIN duration ON duration.id = raw.series
    WHERE raw.value <> 'NaN'
    UNION ALL
    SELECT rollup.series, rollup.instant, rollup.bin, rollup.count FROM rollup_bin AS rollup
    WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
        AND rollup.series = ANY($asked)
        AND NOT EXISTS (
            SELECT 1 FROM stale
            WHERE stale.series = rollup.series AND stale.instant = rollup.instant)
)
SELECT series, instant - (instant % $step + $step) % $step AS bucket, bin,
    sum(count)::bigint AS count
FROM all_bins
GROUP BY series, bucket, bin
HAVING sum(count) > 0
ORDER BY series, bucket, bin;
