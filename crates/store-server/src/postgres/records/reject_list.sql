-- The rejects of an input. Parameters: intake: bigint. Expects the key. Order: by number.
SELECT source, location, reason, count FROM reject WHERE intake = $intake ORDER BY number;
