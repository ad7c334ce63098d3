// Question: how many relations are of a type that is not read.
// Parameters: types (LIST<STRING>). Reads every relation once.
MATCH ()-[r]->()
WHERE NOT type(r) IN $types
RETURN type(r) AS type, count(*) AS count
ORDER BY count DESC, type
