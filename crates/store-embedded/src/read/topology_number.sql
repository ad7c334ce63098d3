-- Question: which number has a write.
-- Parameters: its rowid (BIGINT).
-- Order: one row at most, read by its rowid.
SELECT number FROM topology.write WHERE rowid = ?;
