-- The last sequence of each journal. Parameters: store: text. Order: by journal.
SELECT journal, number FROM sequence WHERE store = $store ORDER BY journal;
