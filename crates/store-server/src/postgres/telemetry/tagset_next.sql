-- The next free number of a tag set; 0 is the empty one. Parameters: none. Order: one row.
SELECT coalesce(max(id), 0) + 1 FROM charge_tagset;
