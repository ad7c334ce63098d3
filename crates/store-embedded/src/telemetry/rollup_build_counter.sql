-- Rollups of the staged raw rows of counters, with the rise inside the hour; a fall is a start from
-- zero. Parameters: none. Order: by day, series and hour, so that few vectors hold what is asked for.
INSERT INTO rollup_hour
SELECT series, hour, count(*), sum(value), min(value), max(value),
    min(instant), arg_min(value, instant), max(instant), arg_max(value, instant),
    coalesce(sum(CASE WHEN before IS NULL THEN 0 WHEN value >= before THEN value - before
        ELSE value END), 0)
FROM (
    SELECT raw.series, raw.instant, raw.value,
        raw.instant - (raw.instant % 3600000000 + 3600000000) % 3600000000 AS hour,
        lag(raw.value) OVER (
            PARTITION BY raw.series, raw.instant - (raw.instant % 3600000000 + 3600000000) % 3600000000
            ORDER BY raw.instant
        ) AS before
    FROM stage_raw AS raw
    SEMI JOIN (SELECT id FROM series WHERE series_type IN ('Counter', 'Bucket')) AS counter
        ON counter.id = raw.series
) AS raw
GROUP BY series, hour
ORDER BY hour // 86400000000, series, hour;
