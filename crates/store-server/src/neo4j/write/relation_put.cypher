// Question: none; sets relationships that are there, and adds those that a merge brought.
// Parameters: as relation_add. Uses the constraint on the id, then the relationships between the two.
UNWIND $rows AS row
MATCH (a:Entity {id: row[0]})
MATCH (b:Entity {id: row[1]})
MERGE (a)-[r:$(row[2]) {key: row[3]}]->(b)
SET r.evidence = row[4], r.source = row[5], r.stated_by = row[6], r.need = row[7],
  r.need_source = row[8], r.`group` = row[9], r.min_alive = row[10], r.rule = row[11],
  r.confidence = row[12], r.properties = row[13], r.valid_from = row[14], r.valid_to = row[15],
  r.seen_at = row[16], r.write = $write
