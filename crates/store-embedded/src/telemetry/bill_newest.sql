-- The bill that was made last. Parameters: none. Order: one row.
SELECT max(id) FROM bill;
