-- Question: what each source said about each entity, and when.
-- Parameters: first rowid (BIGINT), rowid after the last (BIGINT); the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. The
-- whole table is read, a range of rowids at a time, so that its result is never in memory as a whole.
SELECT entity, source, observed_at, fingerprint, name, account, region, zone, cluster, namespace,
       environment, labels, properties, created_at, ended_at, incarnation, observed_to, is_implied,
       owner, application
FROM topology.version
WHERE rowid >= ? AND rowid < ?
ORDER BY rowid;
