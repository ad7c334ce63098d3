-- system_metrics and series: which series are asked for, with whom they are of.
-- Parameters: signals, metrics, kinds, account, region, cluster, namespace, environment, unit, org:
-- text arrays, values any of which must hold, empty for all; entities: bigint array, ids, empty for
-- all; with_signal: boolean, only series that have one; limit: bigint. Expects the indexes of series and
-- of subject. Order: by subject's id, signal, metric, labels, source and series.
SELECT series.id, subject.entity, subject.canonical, subject.kind, subject.name, subject.account,
    subject.region, subject.zone, subject.cluster, subject.namespace, subject.environment,
    subject.owner, subject.application, series.signal, series.metric, series.labels,
    series.series_type, series.source, series.factor, series.unit
FROM series
JOIN subject ON subject.id = series.subject
WHERE (NOT $with_signal OR series.signal IS NOT NULL)
    AND ((cardinality($signals::text[]) = 0 AND cardinality($metrics::text[]) = 0)
        OR series.signal = ANY($signals) OR series.metric = ANY($metrics))
    AND (cardinality($kinds::text[]) = 0 OR subject.kind = ANY($kinds))
    AND (cardinality($entities::bigint[]) = 0 OR subject.entity = ANY($entities))
    AND (cardinality($account::text[]) = 0 OR subject.account = ANY($account))
    AND (cardinality($region::text[]) = 0 OR subject.region = ANY($region))
    AND (cardinality($cluster::text[]) = 0 OR subject.cluster = ANY($cluster))
    AND (cardinality($namespace::text[]) = 0 OR subject.namespace = ANY($namespace))
    AND (cardinality($environment::text[]) = 0 OR subject.environment = ANY($environment))
    AND (cardinality($unit::text[]) = 0
        OR subject.owner = ANY($unit) OR subject.application = ANY($unit))
    AND (cardinality($org::text[]) = 0
        OR subject.owner = ANY($org) OR subject.application = ANY($org))
ORDER BY subject.canonical, series.signal NULLS LAST, series.metric, series.labels, series.source,
    series.id
LIMIT $limit;
