// Question: what is read and hangs by no account or cluster.
// Parameters: labels (LIST<STRING>). Reads every node once: such nodes have no label in common.
MATCH (n)
WHERE any(label IN labels(n) WHERE label IN $labels)
  AND NOT (n:AWSAccount OR n:KubernetesCluster)
  AND NOT EXISTS { MATCH (:AWSAccount|KubernetesCluster)-[:RESOURCE]->(n) }
RETURN id(n), labels(n), properties(n)
