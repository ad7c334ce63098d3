-- Question: which relations were stated, and from when to when.
-- Parameters: none; the fold of the rows chooses what holds at an instant.
-- Order: as written (rowid), so that of two rows of one key the later wins. A full scan.
SELECT near, kind, far, evidence, source, stated_by, statement, need, need_source, group_name,
       min_alive, rule, confidence, properties, valid_from, valid_to, seen_at
FROM topology.relation
ORDER BY rowid;
