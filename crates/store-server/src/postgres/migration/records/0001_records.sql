-- What people and the program decide, and the ledger of what came in. Instants are microseconds since
-- 1970; documents are JSON as text, kept to the letter.

-- One line an input, in the order in which they began.
CREATE TABLE ubiquitous_records.intake (
    id           BIGINT NOT NULL PRIMARY KEY,
    run          TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    content_hash TEXT COLLATE "C" NOT NULL,
    format       TEXT COLLATE "C" NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,
    observed_at  BIGINT NOT NULL,
    observed_by  TEXT COLLATE "C" NOT NULL,
    received_at  BIGINT NOT NULL,
    outcome      TEXT COLLATE "C" NOT NULL,
    is_finished  BOOLEAN NOT NULL
);
CREATE INDEX intake_content ON ubiquitous_records.intake USING hash (content_hash);

-- What could not be read; at most 1,000 an input, all are counted in its outcome.
CREATE TABLE ubiquitous_records.reject (
    intake   BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    source   TEXT COLLATE "C" NOT NULL,
    location TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (intake, number)
);

-- Named values that the program keeps.
CREATE TABLE ubiquitous_records.setting (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- What people decide: one row a decision, an undo is a row of its own.
CREATE TABLE ubiquitous_records.decision (
    id         BIGINT NOT NULL PRIMARY KEY,
    target     TEXT COLLATE "C" NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    author     TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT NOT NULL,
    until      BIGINT
);

-- The rules that users state, as they were given; the highest version is in force.
CREATE TABLE ubiquitous_records.rule_set (
    version BIGINT NOT NULL PRIMARY KEY,
    text    TEXT COLLATE "C" NOT NULL,
    author  TEXT COLLATE "C" NOT NULL,
    put_at  BIGINT NOT NULL
);

-- What held deliveries do to the ones before: one row a delivery; the writer keeps it so.
CREATE TABLE ubiquitous_records.delivery_choice (
    format               TEXT COLLATE "C" NOT NULL,
    billing_account      TEXT COLLATE "C" NOT NULL,
    billing_period_start BIGINT NOT NULL,
    name                 TEXT COLLATE "C" NOT NULL,
    choice               TEXT COLLATE "C" NOT NULL -- `replace` or `add`
);
