// Question: which is the number of the newest write.
// Parameters: none. Uses the constraint on the name.
OPTIONAL MATCH (c:Counter {name: 'topology'})
RETURN coalesce(c.number, 0), coalesce(c.described, 0)
