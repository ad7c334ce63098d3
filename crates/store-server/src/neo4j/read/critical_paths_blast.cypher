// Question: which entities need a thing, through any chain of required calls. Groups of which one
// member is enough are beyond this statement; the program answers them.
// Parameters: id (STRING), canonical id. Order: canonical id. Uses the index on the canonical id.
MATCH (root:Entity {canonical: $id})
MATCH (root)<-[r:CALLS*1..]-(user:Entity)
WHERE all(one IN r WHERE one.need = 'required' AND one.valid_to IS NULL AND one.moved_to IS NULL
    AND one.key IS NOT NULL)
RETURN DISTINCT user.canonical AS id
ORDER BY id
