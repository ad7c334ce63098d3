-- Keeps an account in place of the one of its name. Parameters: name, role, scope, password_hash: text;
-- is_disabled: boolean; created_at, password_at: bigint.
INSERT INTO account (name, role, scope, password_hash, is_disabled, created_at, password_at)
VALUES ($name, $role, $scope, $password_hash, $is_disabled, $created_at, $password_at)
ON CONFLICT (name) DO UPDATE SET role = excluded.role, scope = excluded.scope,
    password_hash = excluded.password_hash, is_disabled = excluded.is_disabled,
    password_at = excluded.password_at;
