-- Whether any sample is held in a range. Parameters: first, last: bigint. Order: one row.
SELECT EXISTS (SELECT 1 FROM sample WHERE instant >= $first AND instant <= $last);
