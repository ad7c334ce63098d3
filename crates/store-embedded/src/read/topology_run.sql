-- Question: which entities were seen unchanged, and when.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT source, observed_at, seen
FROM topology.run
ORDER BY rowid;
