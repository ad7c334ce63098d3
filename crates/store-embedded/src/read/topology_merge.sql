-- Question: which entities turned out to be one.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT near, into_id, evidence, observed_at
FROM topology.merge
ORDER BY rowid;
