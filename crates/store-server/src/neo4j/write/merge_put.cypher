// Question: none; notes which entities turned out to be one. The relationships of the one that goes
// stay, marked; the one that stays gets its own.
// Parameters: rows (LIST of [from, into, evidence, observed_at]), at most 10,000; write (INTEGER).
// Uses the constraint on the id.
UNWIND $rows AS row
MATCH (a:Entity {id: row[0]})
MATCH (b:Entity {id: row[1]})
CREATE (a)-[:MERGED_INTO {evidence: row[2], observed_at: row[3], write: $write}]->(b)
SET a.is_present = false, a.merged_into = row[1]
WITH a, row
MATCH (a)-[r]-(:Entity)
WHERE r.key IS NOT NULL
SET r.moved_to = row[1]
