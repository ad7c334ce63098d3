// Question: which is the newest migration that was done.
// Parameters: none. Reads the few nodes of one label.
OPTIONAL MATCH (m:Migration)
RETURN coalesce(max(m.number), 0)
