// Question: how many entities of each kind exist now.
// Parameters: none. Order: kind. Reads every entity once.
MATCH (e:Entity)
WHERE e.is_present AND e.valid_to IS NULL
RETURN e.kind AS kind, count(*) AS entities
ORDER BY kind
