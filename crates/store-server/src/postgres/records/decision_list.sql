-- Every decision. Parameters: none. Order: by number.
SELECT id, target, action, author, reason, decided_at, until FROM decision ORDER BY id;
