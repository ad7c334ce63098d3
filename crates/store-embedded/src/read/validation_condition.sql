-- Question: in which condition is each series over the window.
-- Parameters: $from and $to bigint, half-open; $now bigint; $limit bigint, most series to give.
-- Order: by source, metric, subject and labels. Leans on samples lying in order of series and time.
WITH stepped AS (
    SELECT series, instant, value,
        lag(instant) OVER ordered AS instant_before,
        lag(value) OVER ordered AS value_before
    FROM sample
    WHERE instant >= $from AND instant < $to AND NOT isnan(value)
    WINDOW ordered AS (PARTITION BY series ORDER BY instant)
), condensed AS (
    SELECT series,
        count(*) AS samples,
        max(instant) AS last,
        count(*) FILTER (instant = instant_before) AS repeated,
        count(*) FILTER (instant > $now) AS future,
        count(*) FILTER (value < value_before) AS falls,
        min(value) AS lowest,
        avg(value) AS mean,
        max(value) AS highest,
        approx_count_distinct(value) AS different,
        max(instant) FILTER (value <> value_before) AS last_change,
        bit_xor(hash(instant, value)) AS fingerprint
    FROM stepped
    GROUP BY series
), unchanged AS (
    SELECT sample.series, count(*) AS samples
    FROM sample
    JOIN condensed USING (series)
    WHERE sample.instant >= $from AND sample.instant < $to AND NOT isnan(sample.value)
        AND sample.instant >= condensed.last_change
    GROUP BY sample.series
)
SELECT series.source, series.metric, series.signal, series.series_type IN ('Counter', 'Bucket'),
    coalesce(subject.canonical, ''), hash(series.labels), condensed.samples::UBIGINT,
    condensed.last, condensed.repeated::UBIGINT, condensed.future::UBIGINT,
    condensed.falls::UBIGINT, condensed.lowest * series.factor, condensed.mean * series.factor,
    condensed.highest * series.factor, condensed.different::UBIGINT, condensed.last_change,
    coalesce(unchanged.samples, 0)::UBIGINT, condensed.fingerprint
FROM condensed
JOIN series ON series.id = condensed.series
LEFT JOIN subject ON subject.id = series.subject
LEFT JOIN unchanged ON unchanged.series = condensed.series
ORDER BY 1, 2, 5, 6
LIMIT $limit;
