-- Rollups of the staged raw rows; of counters with the rise inside the hour, where a fall is a start from
-- zero. Parameters: none. Order: by day, series and hour, so that what is asked for lies together.
INSERT INTO rollup_hour
SELECT series, hour, count(*), sum(value), min(value), max(value),
    min(instant), (array_agg(value ORDER BY instant))[1],
    max(instant), (array_agg(value ORDER BY instant DESC))[1],
    coalesce(sum(CASE WHEN NOT is_counter OR before IS NULL THEN 0
        WHEN value >= before THEN value - before ELSE value END), 0)
FROM (
    SELECT raw.series, raw.instant, raw.value, raw.hour,
        series.series_type IN ('Counter', 'Bucket') AS is_counter,
        lag(raw.value) OVER (PARTITION BY raw.series, raw.hour ORDER BY raw.instant) AS before
    FROM (
        SELECT series, instant, value,
            instant - (instant % 3600000000 + 3600000000) % 3600000000 AS hour
        FROM stage_raw
    ) AS raw
    JOIN series ON series.id = raw.series
) AS paired
GROUP BY series, hour
ORDER BY hour / 86400000000, series, hour;
