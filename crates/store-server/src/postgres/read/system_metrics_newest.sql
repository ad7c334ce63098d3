-- Newest value of each series in a range. Parameters: asked: integer array, ids; since, to: bigint, the
-- range; since_hour: bigint, the hour of `since`; open_from: bigint, from where raw rows are read;
-- dirty_from, dirty_to: bigint, the hours to read raw before it. Expects the keys of sample, rollup_hour
-- and histogram. Order: none.
WITH stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $dirty_from AND instant < $dirty_to AND series = ANY($asked)
),
value_at AS (
    SELECT series, max(last_at) AS instant FROM rollup_hour
    WHERE instant >= $since_hour AND instant < $to AND last_at < $to AND series = ANY($asked)
    GROUP BY series
    UNION ALL
    SELECT series, max(instant) FROM sample
    WHERE instant >= $open_from AND instant < $to AND value <> 'NaN' AND series = ANY($asked)
    GROUP BY series
    UNION ALL
    SELECT sample.series, max(sample.instant)
    FROM stale
    JOIN sample ON sample.series = stale.series AND sample.instant >= stale.instant
        AND sample.instant < stale.instant + 3600000000
    WHERE sample.instant >= $dirty_from AND sample.instant < $dirty_to AND sample.instant < $to
        AND sample.value <> 'NaN'
    GROUP BY sample.series
    UNION ALL
    SELECT series, max(instant) FROM histogram
    WHERE instant >= $since AND instant < $to AND series = ANY($asked)
    GROUP BY series
)
SELECT series, max(instant) FROM value_at WHERE instant >= $since GROUP BY series;
