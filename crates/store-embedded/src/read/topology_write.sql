-- Question: which writes there were.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT number, source, observed_at
FROM topology.write
ORDER BY rowid;
