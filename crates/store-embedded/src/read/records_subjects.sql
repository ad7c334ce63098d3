-- Whom records of one kind are of, after redirects.
-- Parameters: record: text, what the records are. Order: by key and position.
SELECT named.key, now.entity, now.canonical, now.kind, now.name, now.account, now.region, now.zone,
    now.cluster, now.namespace, now.environment, now.owner, now.application
FROM record_subject AS named
JOIN subject AS stated ON stated.id = named.subject
JOIN subject AS now ON now.id = stated.entity
WHERE named.record = $record
ORDER BY named.key, named.position;
