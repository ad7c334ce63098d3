-- Question: what ids, kinds and states entities were given.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT id, canonical, kind, state
FROM topology.entity
ORDER BY rowid;
