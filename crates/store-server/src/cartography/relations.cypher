// Question: where do relations lead from what hangs by an account or cluster. Of an end only what names
// it is told.
// Parameters: tenant (INTEGER), labels, types (LIST<STRING>). By the node's number.
MATCH (t) WHERE id(t) = $tenant
MATCH (t)-[:RESOURCE]->(n)
WHERE any(label IN labels(n) WHERE label IN $labels)
MATCH (n)-[r]->(m)
WHERE type(r) IN $types
RETURN id(n), labels(n), type(r), properties(r), id(m), labels(m),
  m {.id, .arn, .name, .namespace, .cluster_name, .region, .instanceid, .groupid, .vpcid, .subnetid,
     .subnet_id, .volumeid, .key, .value, .digest, ._ont_digest, .private_ip_address, .port, .protocol,
     .instance_port}
