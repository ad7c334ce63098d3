// Question: none; adds what a write holds, packed.
// Parameters: rows (LIST of [place, BYTES]), at most 10,000; write (INTEGER).
UNWIND $rows AS row
CREATE (:WriteRows {write: $write, place: row[0], rows: row[1]})
