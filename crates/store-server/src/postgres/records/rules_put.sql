-- Puts a new version of the rules in force. Parameters: text, author: text; at: bigint. Order: one row, its
-- version.
INSERT INTO rule_set
SELECT coalesce(max(version), 0) + 1, $text::text, $author::text, $at::bigint FROM rule_set
RETURNING version;
