-- How many samples retention drops. Parameters: until: bigint, not included. Order: one row.
SELECT count(*) FROM sample WHERE instant < $until;
