// Question: what is within two relations of an entity, in either direction.
// Parameters: id (STRING), canonical id. Order: canonical id. Uses the index on the canonical id.
MATCH (root:Entity {canonical: $id})
MATCH (root)-[r*0..2]-(near:Entity)
WHERE all(one IN r WHERE one.valid_to IS NULL AND one.moved_to IS NULL AND one.key IS NOT NULL
    AND startNode(one).is_present AND startNode(one).valid_to IS NULL
    AND endNode(one).is_present AND endNode(one).valid_to IS NULL)
WITH DISTINCT near
WHERE near.is_present AND near.valid_to IS NULL
RETURN near.canonical AS id
ORDER BY id
