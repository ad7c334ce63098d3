-- Rollups of whole hours. Serves system_metrics and series.
-- Parameters, whole numbers written into the text so that row groups are skipped: asked: ids; from, to:
-- hours. Order: as they lie, which is by hour within a series but for what was built again.
SELECT series, count, sum, min, max, first_at, first, last_at, last, increase FROM rollup_hour
WHERE instant >= $from AND instant < $to AND series IN ($asked);
