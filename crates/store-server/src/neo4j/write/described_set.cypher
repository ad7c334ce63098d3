// Question: whether no later write came between; with the last part everything up to this one is
// described.
// Parameters: write (INTEGER), is_last (BOOLEAN). Uses the constraint on the name.
MATCH (c:Counter {name: 'topology'})
SET c.described = CASE WHEN c.number = $write AND $is_last THEN $write ELSE c.described END
RETURN CASE c.number WHEN $write THEN 1 ELSE 0 END
