-- Newest value of each series before an instant. Parameters: series: text, ids joined by `,`; to:
-- bigint; open_from: bigint, where rollups end. Expects samples in order of time. Order: none.
WITH asked AS (
    SELECT unnest(string_split($series, ','))::UINTEGER AS id
),
value_at AS (
    SELECT series, last_at AS instant FROM rollup_hour
    WHERE instant < $to AND last_at < $to AND series IN (SELECT id FROM asked)
    UNION ALL
    SELECT series, instant FROM sample
    WHERE instant >= $open_from AND instant < $to AND NOT isnan(value)
        AND series IN (SELECT id FROM asked)
    UNION ALL
    SELECT sample.series, sample.instant FROM sample
    SEMI JOIN rollup_dirty AS stale ON stale.series = sample.series
        AND stale.instant = sample.instant - (sample.instant % 3600000000 + 3600000000) % 3600000000
    WHERE sample.instant < $to AND NOT isnan(sample.value)
        AND sample.series IN (SELECT id FROM asked)
        AND sample.instant >= (SELECT min(instant) FROM rollup_dirty)
    UNION ALL
    SELECT series, instant FROM histogram WHERE instant < $to AND series IN (SELECT id FROM asked)
)
SELECT series, max(instant) FROM value_at GROUP BY series;
