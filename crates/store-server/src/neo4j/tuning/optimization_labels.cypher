// optimization: labels in use, whose nodes are counted one after the other.
// Parameters: none. Order: by label.
CALL db.labels() YIELD label RETURN label ORDER BY label
