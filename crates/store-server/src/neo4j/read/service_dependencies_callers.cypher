// Question: who calls a service, directly or through others up to three calls away.
// Parameters: id (STRING), canonical id of the service. Order: canonical id. Uses the index on the
// canonical id.
MATCH (root:Entity {canonical: $id})
MATCH (root)<-[r:CALLS*1..3]-(caller:Entity)
WHERE all(one IN r WHERE one.valid_to IS NULL AND one.moved_to IS NULL AND one.key IS NOT NULL)
  AND caller.is_present AND caller.valid_to IS NULL
RETURN DISTINCT caller.canonical AS id
ORDER BY id
