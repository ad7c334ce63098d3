-- People. Instants are microseconds since 1970.

-- Who may log in.
CREATE TABLE ubiquitous_records.account (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    role          TEXT COLLATE "C" NOT NULL, -- `viewer`, `editor` or `admin`
    scope         TEXT COLLATE "C" NOT NULL, -- what it may see, as JSON
    password_hash TEXT COLLATE "C" NOT NULL, -- Argon2id in PHC form
    is_disabled   BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    password_at   BIGINT NOT NULL
);

-- Tokens with which programs call.
CREATE TABLE ubiquitous_records.api_token (
    hash       TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 in hexadecimal
    prefix     TEXT COLLATE "C" NOT NULL,
    account    TEXT COLLATE "C" NOT NULL,
    label      TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- Who did what, when and from where.
CREATE TABLE ubiquitous_records.audit (
    id      BIGINT NOT NULL PRIMARY KEY,
    done_at BIGINT NOT NULL,
    who     TEXT COLLATE "C" NOT NULL,
    action  TEXT COLLATE "C" NOT NULL,
    target  TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL
);
