-- Records that everything up to a sequence is held. Parameters: journal, store: text; number: bigint.
INSERT INTO sequence (journal, store, number) VALUES ($journal, $store, $number)
ON CONFLICT (journal, store) DO UPDATE SET number = greatest(sequence.number, excluded.number);
