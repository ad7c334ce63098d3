-- Who may log in.
CREATE TABLE records.account (
    name          VARCHAR NOT NULL PRIMARY KEY,
    role          VARCHAR NOT NULL, -- `viewer`, `editor` or `admin`
    scope         VARCHAR NOT NULL, -- what it may see, as JSON
    password_hash VARCHAR NOT NULL, -- Argon2id in PHC form
    is_disabled   BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL, -- microseconds since 1970
    password_at   BIGINT NOT NULL -- microseconds since 1970
);

-- Tokens with which programs call.
CREATE TABLE records.api_token (
    hash       VARCHAR NOT NULL PRIMARY KEY, -- SHA-256 in hexadecimal
    prefix     VARCHAR NOT NULL,
    account    VARCHAR NOT NULL,
    label      VARCHAR NOT NULL,
    role       VARCHAR NOT NULL,
    created_at BIGINT NOT NULL, -- microseconds since 1970
    expires_at BIGINT NOT NULL, -- microseconds since 1970
    revoked_at BIGINT -- microseconds since 1970
);

-- Who did what, when and from where.
CREATE TABLE records.audit (
    id      UBIGINT NOT NULL PRIMARY KEY,
    done_at BIGINT NOT NULL, -- microseconds since 1970
    who     VARCHAR NOT NULL,
    action  VARCHAR NOT NULL,
    target  VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL
);
