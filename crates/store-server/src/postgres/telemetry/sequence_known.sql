-- Whether a sequence is held. Parameters: journal, store: text; number: bigint. Order: one row.
SELECT coalesce(max(number), 0) >= $number FROM sequence WHERE journal = $journal AND store = $store;
