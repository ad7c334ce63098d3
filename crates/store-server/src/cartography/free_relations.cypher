// Question: where do relations lead from what hangs by no account or cluster.
// Parameters: labels, types (LIST<STRING>). Reads every node once.
MATCH (n)
WHERE any(label IN labels(n) WHERE label IN $labels)
  AND NOT (n:AWSAccount OR n:KubernetesCluster)
  AND NOT EXISTS { MATCH (:AWSAccount|KubernetesCluster)-[:RESOURCE]->(n) }
MATCH (n)-[r]->(m)
WHERE type(r) IN $types
RETURN id(n), labels(n), type(r), properties(r), id(m), labels(m),
  m {.id, .arn, .name, .namespace, .cluster_name, .region, .instanceid, .groupid, .vpcid, .subnetid,
     .subnet_id, .volumeid, .key, .value, .digest, ._ont_digest, .private_ip_address, .port, .protocol,
     .instance_port}
