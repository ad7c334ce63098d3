-- system_metrics and series: which series are asked for, with whom they are of.
-- Parameters: signals, metrics, kinds, account, region, cluster, namespace, environment, unit, org:
-- text, values any of which must hold, joined by U+001F, empty for all; entities: text, ids joined by
-- `,`, empty for all; with_signal: boolean, only series that have one; limit: bigint.
-- Order: by subject's id, signal, metric, labels, source and series.
SELECT series.id, subject.entity, subject.canonical, subject.kind, subject.name, subject.account,
    subject.region, subject.zone, subject.cluster, subject.namespace, subject.environment,
    subject.owner, subject.application, series.signal, series.metric, series.labels,
    series.series_type, series.source, series.factor, series.unit
FROM series
JOIN subject ON subject.id = series.subject
WHERE (NOT $with_signal OR series.signal IS NOT NULL)
    AND (($signals = '' AND $metrics = '')
        OR ($signals <> '' AND list_contains(string_split($signals, chr(31)), series.signal))
        OR ($metrics <> '' AND list_contains(string_split($metrics, chr(31)), series.metric)))
    AND ($kinds = '' OR list_contains(string_split($kinds, chr(31)), subject.kind))
    AND ($entities = '' OR subject.entity IN (
        SELECT unnest(string_split(nullif($entities, ''), ','))::UBIGINT))
    AND ($account = '' OR list_contains(string_split($account, chr(31)), subject.account))
    AND ($region = '' OR list_contains(string_split($region, chr(31)), subject.region))
    AND ($cluster = '' OR list_contains(string_split($cluster, chr(31)), subject.cluster))
    AND ($namespace = '' OR list_contains(string_split($namespace, chr(31)), subject.namespace))
    AND ($environment = ''
        OR list_contains(string_split($environment, chr(31)), subject.environment))
    AND ($unit = '' OR list_contains(string_split($unit, chr(31)), subject.owner)
        OR list_contains(string_split($unit, chr(31)), subject.application))
    AND ($org = '' OR list_contains(string_split($org, chr(31)), subject.owner)
        OR list_contains(string_split($org, chr(31)), subject.application))
ORDER BY subject.canonical, series.signal NULLS LAST, series.metric, series.labels, series.source,
    series.id
LIMIT $limit;
