-- Lines of charges by hash. Parameters: none. Order: none.
SELECT hash_high, hash_low, id FROM charge_line;
