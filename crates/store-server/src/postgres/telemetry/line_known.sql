-- The lines held of these hashes. Parameters: hashes: bytea array. Order: none.
SELECT hash, id FROM charge_line WHERE hash = ANY($hashes);
