-- Values by bin over a window: of durations from the hours' bins or raw, of native histograms from
-- their points; a cumulative one counts what came since the point before, from nothing after a reset.
-- Parameters: series: text, ids joined by `,`; from, to: bigint; roll_from, roll_to: bigint, whole
-- hours read from rollups. Expects samples in order of time. Order: by series and bin.
WITH asked AS (
    SELECT id, factor, series_type = 'Gauge' AND ends_with(coalesce(signal, ''), 'latency_seconds')
        AS is_duration
    FROM series
    WHERE id IN (SELECT unnest(string_split($series, ','))::UINTEGER)
),
duration AS (SELECT id, factor FROM asked WHERE is_duration),
stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $roll_from AND instant < $roll_to AND series IN (SELECT id FROM duration)
),
raw AS (
    SELECT series, value FROM sample
    WHERE instant >= $from AND instant < least($roll_from, $to) AND series IN (SELECT id FROM duration)
    UNION ALL
    SELECT series, value FROM sample
    WHERE instant >= greatest($roll_to, $from) AND instant < $to AND series IN (SELECT id FROM duration)
    UNION ALL
    SELECT sample.series, sample.value FROM sample
    SEMI JOIN stale ON stale.series = sample.series
        AND stale.instant = sample.instant - (sample.instant % 3600000000 + 3600000000) % 3600000000
    WHERE sample.instant >= (SELECT min(instant) FROM stale)
        AND sample.instant < (SELECT max(instant) + 3600000000 FROM stale)
),
point AS (
    SELECT series, instant, period, count, bins,
        lag(count) OVER (PARTITION BY series, period = 0 ORDER BY instant) AS count_before
    FROM histogram
    WHERE series IN (SELECT id FROM asked) AND instant < $to
),
life AS (
    SELECT series, instant, period, bins,
        sum(CASE WHEN count < count_before THEN 1 ELSE 0 END)
            OVER (PARTITION BY series, period = 0 ORDER BY instant) AS life
    FROM point
),
pair AS (
    SELECT series, instant, period, life, unnest(string_split(bins, ' ')) AS pair
    FROM life WHERE bins <> ''
),
counted AS (
    SELECT series, instant, period, life, split_part(pair, ':', 1)::INTEGER AS bin,
        split_part(pair, ':', 2)::HUGEINT AS count
    FROM pair
),
risen AS (
    SELECT series, instant, bin,
        CASE WHEN period <> 0 THEN count
            ELSE count - coalesce(lag(count) OVER (
                PARTITION BY series, period = 0, life, bin ORDER BY instant), 0) END AS count
    FROM counted
),
all_bins AS (
    SELECT raw.series,
        CASE WHEN raw.value * duration.factor > 0
                THEN ceil(ln(raw.value * duration.factor) / ln(1.02::DOUBLE))::INTEGER
            WHEN raw.value * duration.factor = 0 THEN -2147483648
            ELSE -2147483647 END AS bin,
        1::HUGEINT AS count
    FROM raw JOIN duration ON duration.id = raw.series
    WHERE NOT isnan(raw.value)
    UNION ALL
    SELECT rollup.series, rollup.bin, rollup.count::HUGEINT FROM rollup_bin AS rollup
    ANTI JOIN stale ON stale.series = rollup.series AND stale.instant = rollup.instant
    WHERE rollup.instant >= $roll_from AND rollup.instant < $roll_to
        AND rollup.series IN (SELECT id FROM duration)
    UNION ALL
    SELECT series, bin, count FROM risen WHERE instant >= $from
)
SELECT series, bin, sum(count)::UBIGINT AS count
FROM all_bins
GROUP BY series, bin
HAVING sum(count) > 0
ORDER BY series, bin;
