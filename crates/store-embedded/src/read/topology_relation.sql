-- Question: which relations were stated, and from when to when.
-- Parameters: first rowid (BIGINT), rowid after the last (BIGINT); the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. The
-- whole table is read, a range of rowids at a time, so that its result is never in memory as a whole.
SELECT near, kind, far, evidence, source, stated_by, statement, need, need_source, group_name,
       min_alive, rule, confidence, properties, valid_from, valid_to, seen_at
FROM topology.relation
WHERE rowid >= ? AND rowid < ?
ORDER BY rowid;
