-- Rollups of the staged raw rows of series that are no counters: nothing rises, so no order is
-- needed. Parameters: none. Order: by day, series and hour, so that few vectors hold what is asked for.
INSERT INTO rollup_hour
SELECT raw.series, raw.instant - (raw.instant % 3600000000 + 3600000000) % 3600000000 AS hour,
    count(*), sum(value), min(value), max(value),
    min(raw.instant), arg_min(value, raw.instant), max(raw.instant), arg_max(value, raw.instant), 0
FROM stage_raw AS raw
SEMI JOIN (SELECT id FROM series WHERE series_type NOT IN ('Counter', 'Bucket')) AS level
    ON level.id = raw.series
GROUP BY raw.series, hour
ORDER BY hour // 86400000000, raw.series, hour;
