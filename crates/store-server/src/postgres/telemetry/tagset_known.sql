-- The tag sets held of these hashes. Parameters: hashes: bytea array. Order: none.
SELECT hash, id FROM charge_tagset WHERE hash = ANY($hashes);
