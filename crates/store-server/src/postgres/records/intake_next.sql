-- The next number of the ledger. Parameters: none. Order: one row.
SELECT coalesce(max(id), 0) + 1 FROM intake;
