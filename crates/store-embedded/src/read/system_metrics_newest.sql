-- Newest value of each series in a range. Parameters, whole numbers written into the text so that row
-- groups are skipped: asked: ids; since, to: the range; since_hour: the hour of `since`; open_from: from
-- where raw rows are read; dirty_from, dirty_to: the hours to read raw before it. Expects samples in
-- order of time. Order: none.
WITH stale AS (
    SELECT series, instant FROM rollup_dirty
    WHERE instant >= $dirty_from AND instant < $dirty_to AND series IN ($asked)
),
value_at AS (
    SELECT series, last_at AS instant FROM rollup_hour
    WHERE instant >= $since_hour AND instant < $to AND last_at < $to AND series IN ($asked)
    UNION ALL
    SELECT series, instant FROM sample
    WHERE instant >= $open_from AND instant < $to AND NOT isnan(value) AND series IN ($asked)
    UNION ALL
    SELECT sample.series, sample.instant FROM sample
    SEMI JOIN stale ON stale.series = sample.series
        AND stale.instant = sample.instant - (sample.instant % 3600000000 + 3600000000) % 3600000000
    WHERE sample.instant >= $dirty_from AND sample.instant < $dirty_to AND sample.instant < $to
        AND NOT isnan(sample.value)
    UNION ALL
    SELECT series, instant FROM histogram
    WHERE instant >= $since AND instant < $to AND series IN ($asked)
)
SELECT series, max(instant) FROM value_at WHERE instant >= $since GROUP BY series;
