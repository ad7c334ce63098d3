-- Question: which ownership rules were stated.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT document
FROM topology.ownership
ORDER BY rowid;
