-- What people and the program decide, and the ledger of what came in.
CREATE SCHEMA records;

-- One line an input, in the order in which they began.
CREATE TABLE records.intake (
    id           UBIGINT NOT NULL PRIMARY KEY,
    run          VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    format       VARCHAR NOT NULL,
    source       VARCHAR NOT NULL,
    observed_at  BIGINT NOT NULL, -- microseconds since 1970
    observed_by  VARCHAR NOT NULL,
    received_at  BIGINT NOT NULL, -- microseconds since 1970
    outcome      VARCHAR NOT NULL, -- the outcome as JSON
    is_finished  BOOLEAN NOT NULL
);

-- What could not be read; at most 1,000 an input, all are counted in its outcome.
CREATE TABLE records.reject (
    intake   UBIGINT NOT NULL,
    number   UINTEGER NOT NULL,
    source   VARCHAR NOT NULL,
    location VARCHAR NOT NULL,
    reason   VARCHAR NOT NULL,
    count    UBIGINT NOT NULL
);

-- Named values that the program keeps.
CREATE TABLE records.setting (
    name  VARCHAR NOT NULL PRIMARY KEY,
    value VARCHAR NOT NULL
);
