-- cost_cube: every tag of every set of tags. Parameters: none. Order: none.
SELECT tagset, name, value FROM charge_tag;
