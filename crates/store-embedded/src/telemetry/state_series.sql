-- Every series with its newest sample and histogram. Parameters: none. Order: by id, from 0 without
-- a gap.
SELECT series.id, series.subject, series.source, series.metric, series.labels,
    series.description, greatest(raw.newest, rolled.newest) AS newest, histogram.newest
FROM series
LEFT JOIN (SELECT series, max(instant) AS newest FROM sample GROUP BY series) AS raw
    ON raw.series = series.id
LEFT JOIN (SELECT series, max(last_at) AS newest FROM rollup_hour GROUP BY series) AS rolled
    ON rolled.series = series.id
LEFT JOIN (SELECT series, max(instant) AS newest FROM histogram GROUP BY series) AS histogram
    ON histogram.series = series.id
ORDER BY series.id;
