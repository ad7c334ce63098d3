-- The rules in force. Parameters: none. Order: at most one row.
SELECT version, text, author, put_at FROM rule_set ORDER BY version DESC LIMIT 1;
