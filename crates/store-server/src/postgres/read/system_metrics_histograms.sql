-- Values of native histograms by bin in buckets, from their points; a cumulative one counts what came
-- since the point before, from nothing after a reset. Parameters: asked: integer array, ids; from, to:
-- bigint, the window; step: bigint, length of a bucket. Expects the key of histogram. Order: by series,
-- bucket and bin.
WITH point AS (
    SELECT series, instant, period, count, bins,
        lag(count) OVER (PARTITION BY series, period = 0 ORDER BY instant) AS count_before
    FROM histogram
    WHERE series = ANY($asked) AND instant < $to
),
life AS (
    SELECT series, instant, period, bins,
        sum(CASE WHEN count < count_before THEN 1 ELSE 0 END)
            OVER (PARTITION BY series, period = 0 ORDER BY instant) AS life
    FROM point
),
pair AS (
    SELECT series, instant, period, life, unnest(string_to_array(bins, ' ')) AS pair
    FROM life WHERE bins <> ''
),
counted AS (
    SELECT series, instant, period, life, split_part(pair, ':', 1)::integer AS bin,
        split_part(pair, ':', 2)::numeric AS count
    FROM pair
),
risen AS (
    SELECT series, instant, bin,
        CASE WHEN period <> 0 THEN count
            ELSE count - coalesce(lag(count) OVER (
                PARTITION BY series, period = 0, life, bin ORDER BY instant), 0) END AS count
    FROM counted
)
SELECT series, instant - (instant % $step + $step) % $step AS bucket, bin,
    sum(count)::bigint AS count
FROM risen
WHERE instant >= $from
GROUP BY series, bucket, bin
HAVING sum(count) > 0
ORDER BY series, bucket, bin;
