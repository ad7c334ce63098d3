// Question: none; notes that a migration is done.
// Parameters: number (INTEGER), name (STRING). Uses the constraint on the number.
MERGE (m:Migration {number: $number})
ON CREATE SET m.name = $name, m.done_at = timestamp()
