-- Whether rows of a range lie in the last partition. Parameters: from, to: bigint. Order: one row.
SELECT EXISTS (SELECT 1 FROM sample_apart WHERE instant >= $from AND instant < $to);
