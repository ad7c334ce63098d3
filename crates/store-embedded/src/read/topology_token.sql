-- Question: which file holds the folded estate.
-- Parameters: none.
-- Order: one row at most.
SELECT token FROM topology.estate_file;
