// Question: none; puts the ids, kinds and states of entities.
// Parameters: rows (LIST of [id, canonical, kind, state, label]), at most 10,000; write (INTEGER).
// Uses the constraint on the id.
UNWIND $rows AS row
MERGE (e:Entity {id: row[0]})
SET e.canonical = row[1], e.kind = row[2], e.state = row[3], e.write = $write, e:$(row[4])
