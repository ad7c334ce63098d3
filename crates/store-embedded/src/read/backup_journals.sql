-- Question: up to where does each store hold each replica's journal. A file that was read is a journal of
-- its own; there may be very many of these, and they are in the table itself.
-- Parameters: none.
-- Order: by journal and store; a handful of rows.
SELECT journal, store, number
FROM sequence
WHERE NOT starts_with(journal, 'file:')
ORDER BY journal, store;
