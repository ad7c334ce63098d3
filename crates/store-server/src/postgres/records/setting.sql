-- A named value. Parameters: name: text. Expects the key. Order: at most one row.
SELECT value FROM setting WHERE name = $name;
