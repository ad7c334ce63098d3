-- How many rejects of an input are kept. Parameters: intake: bigint. Expects the key. Order: one row.
SELECT count(*) FROM reject WHERE intake = $intake;
