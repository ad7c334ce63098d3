-- Files with these bytes that are not complete. Parameters: 1 content hash text. Order: by id.
SELECT id, row_last FROM charge_file WHERE content_hash = $1 AND NOT is_complete ORDER BY id;
