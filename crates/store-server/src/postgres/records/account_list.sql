-- Every account. Parameters: none. Order: by name.
SELECT name, role, scope, password_hash, is_disabled, created_at, password_at FROM account
ORDER BY name;
