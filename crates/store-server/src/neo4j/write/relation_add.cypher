// Question: none; adds relationships that are new.
// Parameters: rows (LIST of [from, to, type, key, evidence, source, stated_by, need, need_source,
//   group, min_alive, rule, confidence, properties, valid_from, valid_to, seen_at]), at most 10,000;
//   write (INTEGER). Uses the constraint on the id.
UNWIND $rows AS row
MATCH (a:Entity {id: row[0]})
MATCH (b:Entity {id: row[1]})
CREATE (a)-[:$(row[2]) {
  key: row[3], evidence: row[4], source: row[5], stated_by: row[6], need: row[7],
  need_source: row[8], `group`: row[9], min_alive: row[10], rule: row[11], confidence: row[12],
  properties: row[13], valid_from: row[14], valid_to: row[15], seen_at: row[16], write: $write
}]->(b)
