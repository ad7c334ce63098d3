-- Tag sets with their names and values. Parameters: none. Order: by tag set, then by name.
SELECT tagset, name, value FROM charge_tag ORDER BY tagset, name;
