-- Question: which complete exports lacked an entity.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT entity, source, missed_at
FROM topology.retirement
ORDER BY rowid;
