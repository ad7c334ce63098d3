// Question: none; fills a graph with relations that hold, without history.
// Parameters: rows (LIST of [from, to, type, need]), at most 10,000. Uses the constraint on the id.
UNWIND $rows AS row
MATCH (a:Entity {id: row[0]})
MATCH (b:Entity {id: row[1]})
CREATE (a)-[:$(row[2]) {key: 1, need: row[3]}]->(b)
