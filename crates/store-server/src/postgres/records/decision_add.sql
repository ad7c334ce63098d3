-- Keeps a decision. Parameters: target, action, author, reason: text; decided_at, until: bigint. Order: one
-- row, its number.
INSERT INTO decision
SELECT coalesce(max(id), 0) + 1, $target::text, $action::text, $author::text, $reason::text,
    $decided_at::bigint, $until::bigint
FROM decision
RETURNING id;
