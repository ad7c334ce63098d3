-- Values by bin, of the staged raw rows of durations: bin b holds (1.02^(b-1), 1.02^b] in the
-- signal's unit, zero and negative values are apart. Parameters: none. Order: by hour and series.
INSERT INTO rollup_bin
SELECT raw.series, raw.instant - (raw.instant % 3600000000 + 3600000000) % 3600000000 AS hour,
    CASE WHEN raw.value * level.factor > 0
            THEN ceil(ln(raw.value * level.factor) / ln(1.02::float8))::integer
        WHEN raw.value * level.factor = 0 THEN -2147483648
        ELSE -2147483647 END AS bin,
    count(*)
FROM stage_raw AS raw
JOIN series AS level ON level.id = raw.series
WHERE level.series_type = 'Gauge' AND level.signal LIKE '%latency\_seconds'
GROUP BY raw.series, hour, bin
ORDER BY hour, raw.series, bin;
