// Question: none; takes relationships back, as if they had never been: they stay, marked, without key.
// Parameters: as relation_add. Uses the constraint on the id, then the relationships between the two.
UNWIND $rows AS row
MATCH (a:Entity {id: row[0]})-[r {key: row[3]}]->(b:Entity {id: row[1]})
SET r.is_taken_back = true, r.valid_to = r.valid_from, r.write = $write, r.key = null
