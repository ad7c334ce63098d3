// Question: which services call others and are called by none.
// Parameters: limit (INTEGER). Order: canonical id. Uses the label of services.
MATCH (s:Entity:Service)
WHERE s.is_present AND s.valid_to IS NULL
  AND EXISTS { (s)-[out:CALLS]->(:Entity) WHERE out.valid_to IS NULL AND out.key IS NOT NULL }
  AND NOT EXISTS { (s)<-[in:CALLS]-(:Entity) WHERE in.valid_to IS NULL AND in.key IS NOT NULL }
RETURN s.canonical AS id, s.name AS name
ORDER BY id
LIMIT $limit
