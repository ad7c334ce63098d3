// Question: what was written after a number, in order.
// Parameters: after (INTEGER). Order: write, place, given by the index on both.
MATCH (p:WriteRows)
WHERE p.write > $after AND p.place >= 0
RETURN p.write, p.rows
ORDER BY p.write, p.place
