// Question: which services call which, with the evidence of the call.
// Parameters: limit (INTEGER). Order: caller, callee. Reads every call once.
MATCH (a:Entity:Service)-[r:CALLS]->(b:Entity)
WHERE r.valid_to IS NULL AND r.moved_to IS NULL AND r.key IS NOT NULL
  AND a.is_present AND a.valid_to IS NULL AND b.is_present AND b.valid_to IS NULL
RETURN a.name AS caller, b.name AS callee, collect(DISTINCT r.evidence) AS evidence
ORDER BY caller, callee
LIMIT $limit
