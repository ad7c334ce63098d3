-- Incidents, changes, findings, values, budgets and statements.
-- Parameters: record: text, what they are; from, to: bigint, the window, or both null; until: bigint,
-- what began later is left out; org: text array, units any of which must own a subject, empty for all;
-- limit: bigint. An incident without an end lasts on; what has no instant is always in.
-- Expects the index on record and instant. Order: by instant and key.
SELECT record.key, record.source, record.observed_at, record.body
FROM record
WHERE record.record = $record
    AND (record.instant IS NULL OR record.instant <= $until)
    AND ($to::bigint IS NULL OR record.instant IS NULL OR record.instant < $to)
    AND ($from::bigint IS NULL OR record.instant IS NULL
        OR coalesce(record.until - 1,
            CASE WHEN record.record IN ('change', 'finding') THEN record.instant END,
            $from) >= $from)
    AND (cardinality($org::text[]) = 0 OR EXISTS (
        SELECT 1
        FROM record_subject AS named
        JOIN subject ON subject.id = named.subject
        WHERE named.record = record.record AND named.key = record.key
            AND (subject.owner = ANY($org) OR subject.application = ANY($org))))
ORDER BY record.instant NULLS FIRST, record.key
LIMIT $limit;
