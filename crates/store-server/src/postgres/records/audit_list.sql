-- The audit log below a number. Parameters: before, limit: bigint. Expects the key. Order: newest first.
SELECT id, done_at, who, action, target, address, outcome FROM audit
WHERE id < $before ORDER BY id DESC LIMIT $limit;
