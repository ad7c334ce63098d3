// Question: how many relations of each kind hold now between entities that exist.
// Parameters: none. Order: kind. Several sources that state one relation count once.
MATCH (a:Entity)-[r]->(b:Entity)
WHERE r.valid_to IS NULL AND r.moved_to IS NULL AND r.key IS NOT NULL
  AND a.is_present AND a.valid_to IS NULL AND b.is_present AND b.valid_to IS NULL
WITH DISTINCT a, type(r) AS kind, b
RETURN kind, count(*) AS relations
ORDER BY kind
