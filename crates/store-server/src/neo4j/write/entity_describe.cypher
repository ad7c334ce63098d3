// Question: none; sets what entities are now, as the program answers it.
// Parameters: rows (LIST of [id, MAP of properties]), at most 10,000. A null takes a property away.
// Uses the constraint on the id.
UNWIND $rows AS row
MATCH (e:Entity {id: row[0]})
SET e += row[1]
