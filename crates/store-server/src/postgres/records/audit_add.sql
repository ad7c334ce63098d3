-- Adds a line to the audit log. Parameters: at: bigint; who, action, target, address, outcome: text. Order:
-- one row, its number.
INSERT INTO audit
SELECT coalesce(max(id), 0) + 1, $at::bigint, $who::text, $action::text, $target::text, $address::text,
    $outcome::text
FROM audit
RETURNING id;
