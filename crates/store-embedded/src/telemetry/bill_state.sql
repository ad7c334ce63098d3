-- What becomes of a bill. Parameters: 1 id uinteger, 2 state text, 3 reason text.
UPDATE bill SET state = $2, reason = $3 WHERE id = $1;
