// Question: which databases have which clients, and by what evidence.
// Parameters: limit (INTEGER). Order: database, client. Uses the index on the kind.
MATCH (d:Entity)
WHERE d.kind IN ['database', 'database_cluster', 'cache'] AND d.is_present AND d.valid_to IS NULL
OPTIONAL MATCH (c:Entity)-[r:CONNECTS_TO|CALLS]->(d)
WHERE r.valid_to IS NULL AND r.moved_to IS NULL AND r.key IS NOT NULL
  AND c.is_present AND c.valid_to IS NULL
RETURN d.canonical AS database, c.canonical AS client, collect(DISTINCT r.evidence) AS evidence
ORDER BY database, client
LIMIT $limit
