// Question: what hangs by an account or cluster, and when was that last seen.
// Parameters: tenant (INTEGER), labels (LIST<STRING>). By the node's number.
MATCH (t) WHERE id(t) = $tenant
MATCH (t)-[r:RESOURCE]->(n)
WHERE any(label IN labels(n) WHERE label IN $labels)
RETURN id(n), labels(n), properties(n), properties(r)
