// Question: none; fills an empty graph with entities that exist, without history.
// Parameters: rows (LIST of [id, canonical, kind, name, label]), at most 10,000.
UNWIND $rows AS row
CREATE (:Entity:$(row[4]) {
  id: row[0], canonical: row[1], kind: row[2], name: row[3], is_present: true
})
