// Question: which is the last sequence applied of one journal.
// Parameters: journal (STRING). Uses the constraint on the journal.
MATCH (s:Sequence {journal: $journal})
RETURN s.number
