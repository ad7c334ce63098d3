// Question: which is the number of the newest write; nobody else writes until this transaction ends.
// Parameters: none. Uses the constraint on the name.
MERGE (c:Counter {name: 'topology'})
ON CREATE SET c.number = 0, c.described = 0
SET c.locked_at = timestamp()
RETURN c.number, c.described
