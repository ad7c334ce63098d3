-- Incidents, changes and findings of one entity. Parameters: entity, until, limit: bigint. Expects the
-- indexes of record_subject. Order: newest first, then record and key.
SELECT record.record, record.external_id, record.source, record.class, record.title,
    record.status, record.instant, record.until, record.count
FROM record
WHERE record.record IN ('incident', 'change', 'finding')
    AND (record.instant IS NULL OR record.instant <= $until)
    AND EXISTS (
        SELECT 1
        FROM record_subject AS named
        JOIN subject ON subject.id = named.subject
        WHERE subject.entity = $entity AND named.record = record.record AND named.key = record.key
    )
ORDER BY record.instant DESC NULLS LAST, record.record, record.key
LIMIT $limit;
