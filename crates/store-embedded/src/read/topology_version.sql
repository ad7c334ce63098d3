-- Question: what each source said about each entity, and when.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT entity, source, observed_at, fingerprint, name, account, region, zone, cluster, namespace,
       environment, labels, properties, created_at, ended_at, incarnation, observed_to, is_implied,
       owner, application
FROM topology.version
ORDER BY rowid;
