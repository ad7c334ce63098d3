-- Newest value of each series before an instant. Parameters: series: text, ids joined by `,`; to:
-- bigint; open_from: bigint, where rollups end. Expects samples in order of time. Order: none.
WITH asked AS (
    SELECT unnest(string_split($series, ','))::UINTEGER AS id
),
instant AS (
    SELECT series, last_at AS at FROM rollup_hour
    WHERE at < $to AND last_at < $to AND series IN (SELECT id FROM asked)
    UNION ALL
    SELECT series, at FROM sample
    WHERE at >= $open_from AND at < $to AND NOT isnan(value)
        AND series IN (SELECT id FROM asked)
    UNION ALL
    SELECT sample.series, sample.at FROM sample
    SEMI JOIN rollup_dirty AS stale ON stale.series = sample.series
        AND stale.at = sample.at - (sample.at % 3600000000 + 3600000000) % 3600000000
    WHERE sample.at < $to AND NOT isnan(sample.value)
        AND sample.series IN (SELECT id FROM asked)
        AND sample.at >= (SELECT min(at) FROM rollup_dirty)
    UNION ALL
    SELECT series, at FROM histogram WHERE at < $to AND series IN (SELECT id FROM asked)
)
SELECT series, max(at) FROM instant GROUP BY series;
