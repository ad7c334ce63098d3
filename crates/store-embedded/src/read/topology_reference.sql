-- Question: which references are kept, and what they lead to.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT id, document
FROM topology.reference
ORDER BY rowid;
