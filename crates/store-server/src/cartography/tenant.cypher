// Question: what is an account or cluster itself.
// Parameters: tenant (INTEGER). By the node's number.
MATCH (t) WHERE id(t) = $tenant
RETURN id(t), labels(t), properties(t)
