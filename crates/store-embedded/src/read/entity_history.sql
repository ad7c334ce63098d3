-- Question: what did each source say about one entity, newest first.
-- Parameters: 1 ids of the entity and its redirects, comma-separated (VARCHAR); 2 latest instant
--   (BIGINT, microseconds); 3 limit (UBIGINT).
-- Order: observation time, newest first; ties by source and fingerprint. Scans `version`, whose rows
--   are in order of arrival.
SELECT source, observed_at, labels, properties
FROM topology.version
WHERE entity IN (SELECT unnest(string_split(?, ','))::UBIGINT) AND observed_at <= ?
ORDER BY observed_at DESC, source, fingerprint DESC
LIMIT ?;
