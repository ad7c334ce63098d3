-- A file of charges by its bytes. Parameters: 1 content hash text, 2 format text. Order: at most one.
SELECT id, row_last, is_complete FROM charge_file WHERE content_hash = $1 AND format = $2;
