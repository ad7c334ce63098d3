// Question: which accounts and clusters does the graph know.
// Parameters: none. Reads the few nodes of two labels.
MATCH (t:AWSAccount|KubernetesCluster)
RETURN id(t), CASE WHEN t:AWSAccount THEN 'AWSAccount' ELSE 'KubernetesCluster' END AS label,
  toString(t.id) AS name
ORDER BY label, name
