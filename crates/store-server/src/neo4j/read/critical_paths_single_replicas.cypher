// Question: which workloads have exactly one pod that exists.
// Parameters: limit (INTEGER). Order: canonical id. Uses the label of workloads.
MATCH (w:Entity:Workload)
WHERE w.is_present AND w.valid_to IS NULL
WITH w, COUNT {
  MATCH (w)-[r:HAS_REPLICA]->(p:Entity)
  WHERE r.valid_to IS NULL AND r.moved_to IS NULL AND r.key IS NOT NULL
    AND p.is_present AND p.valid_to IS NULL
} AS replicas
WHERE replicas = 1
RETURN w.canonical AS id, w.name AS name, w.namespace AS namespace
ORDER BY id
LIMIT $limit
