-- Incidents, changes, findings, values, budgets and statements.
-- Parameters: record: text, what they are; from, to: bigint, the window, or both null; until: bigint,
-- what began later is left out; org: text, units any of which must own a subject, joined by U+001F,
-- empty for all; limit: bigint. An incident without an end lasts on; what has no instant is always in.
-- Order: by instant and key.
SELECT record.key, record.source, record.observed_at, record.body
FROM record
WHERE record.record = $record
    AND (record.instant IS NULL OR record.instant <= $until)
    AND ($to IS NULL OR record.instant IS NULL OR record.instant < $to)
    AND ($from IS NULL OR record.instant IS NULL
        OR coalesce(record.until - 1,
            CASE WHEN record.record IN ('change', 'finding') THEN record.instant END,
            $from) >= $from)
    AND ($org = '' OR (record.record, record.key) IN (
        SELECT (named.record, named.key)
        FROM record_subject AS named
        JOIN subject ON subject.id = named.subject
        WHERE list_contains(string_split($org, chr(31)), subject.owner)
            OR list_contains(string_split($org, chr(31)), subject.application)))
ORDER BY record.instant NULLS FIRST, record.key
LIMIT $limit;
