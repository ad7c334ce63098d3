// Question: which is the last sequence applied, by journal.
// Parameters: none. Order: journal. Reads the few nodes of one label.
MATCH (s:Sequence)
RETURN s.journal, s.number
ORDER BY s.journal
