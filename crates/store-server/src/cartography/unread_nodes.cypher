// Question: how many nodes have no label that is read.
// Parameters: labels (LIST<STRING>). Reads every node once.
MATCH (n)
WHERE none(label IN labels(n) WHERE label IN $labels)
RETURN labels(n) AS labels, count(*) AS count
ORDER BY count DESC, labels
