-- Keeps a token; of one that is known it changes when it was revoked. Parameters: prefix, hash, account,
-- label, role: text; created_at, expires_at, revoked_at: bigint.
INSERT INTO api_token (prefix, hash, account, label, role, created_at, expires_at, revoked_at)
VALUES ($prefix, $hash, $account, $label, $role, $created_at, $expires_at, $revoked_at)
ON CONFLICT (hash) DO UPDATE SET revoked_at = excluded.revoked_at;
