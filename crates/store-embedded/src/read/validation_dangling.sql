-- Question: which relations lead to or from an id that no entity has.
-- Parameters: 1 limit bigint.
-- Order: by kind and ends; each row holds the number of all.
SELECT near.canonical, relation.kind, far.canonical, min(relation.source),
    count(*) OVER ()::UBIGINT AS total
FROM topology.relation
LEFT JOIN (SELECT id, any_value(canonical) AS canonical FROM topology.entity GROUP BY id) AS near
    ON near.id = relation.near
LEFT JOIN (SELECT id, any_value(canonical) AS canonical FROM topology.entity GROUP BY id) AS far
    ON far.id = relation.far
WHERE near.id IS NULL OR far.id IS NULL
GROUP BY relation.near, relation.far, near.canonical, relation.kind, far.canonical
ORDER BY relation.kind, near.canonical, far.canonical
LIMIT $1;
