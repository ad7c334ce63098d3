-- Question: what ids, kinds and states entities were given.
-- Parameters: first rowid (BIGINT), rowid after the last (BIGINT); the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. The
-- whole table is read, a range of rowids at a time, so that its result is never in memory as a whole.
SELECT id, canonical, kind, state
FROM topology.entity
WHERE rowid >= ? AND rowid < ?
ORDER BY rowid;
