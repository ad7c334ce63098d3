-- Values of durations by bin in buckets, from the hours' bins or raw. Serves system_metrics (one bucket) and
-- series (many).
-- Parameters, whole numbers written into the text so that row groups are skipped: asked: ids; from, to:
-- the window; head_to, tail_from: the ends of what is read raw; roll_from, roll_to: whole hours read from
-- rollups; dirty_from, dirty_to: the hours of those to read raw after all; step: length of a bucket.
-- Expects samples in order of time. Order: by series, bucket and bin.
WITH duration AS (
    SELECT id, factor FROM series
    WHERE id IN ($asked) AND series_type = 'Gauge' AND ends_with(signal, 'latency_seconds')
),
stale AS (
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
all_bins AS (
    SELECT raw.series, raw.instant,
        CASE WHEN raw.value * duration.factor > 0
                THEN ceil(ln(raw.value * duration.factor) / ln(1.02::DOUBLE))::INTEGER
            WHEN raw.value * duration.factor = 0 THEN -2147483648
            ELSE -2147483647 END AS bin,
        1::HUGEINT AS count
    FROM raw JOIN duration ON duration.id = raw.series
    WHERE NOT isnan(raw.value)
    UNION ALL
    SELECT rollup.series, rollup.instant, rollup.bin, rollup.count::HUGEINT FROM rollup_bin AS rollup
    ANTI JOIN stale ON stale.series = rollup.series AND stale.instant = rollup.instant
    WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
        AND rollup.series IN ($asked)
)
SELECT series, instant - (instant % $step + $step) % $step AS bucket, bin, sum(count)::UBIGINT AS count
FROM all_bins
GROUP BY series, bucket, bin
HAVING sum(count) > 0
ORDER BY series, bucket, bin;
