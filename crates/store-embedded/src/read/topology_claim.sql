-- Question: which names lead where, by whose word.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT key, leads_to, confidence, source, stated_by, observed_from, observed_to
FROM topology.claim
ORDER BY rowid;
