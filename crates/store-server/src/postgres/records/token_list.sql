-- Every token. Parameters: none. Order: by prefix and hash.
SELECT prefix, hash, account, label, role, created_at, expires_at, revoked_at FROM api_token
ORDER BY prefix, hash;
