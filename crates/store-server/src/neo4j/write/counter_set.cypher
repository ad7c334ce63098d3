// Question: none; notes a write with its sequence.
// Parameters: write, sequence, observed_at (INTEGER); journal, source (STRING).
// Uses the constraints on name, number and journal.
MATCH (c:Counter {name: 'topology'})
SET c.number = $write
CREATE (:Write {
  number: $write, source: $source, observed_at: $observed_at, journal: $journal, sequence: $sequence
})
MERGE (s:Sequence {journal: $journal})
SET s.number = $sequence
