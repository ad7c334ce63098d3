-- Values of series as received. Serves system_metrics and series.
-- Parameters, whole numbers written into the text so that row groups are skipped: asked: ids; from, to:
-- instants. Order: as they lie, which is by instant but for what came late.
SELECT series, instant, value FROM sample
WHERE instant >= $from AND instant < $to AND series IN ($asked);
