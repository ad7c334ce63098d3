-- What people decide: one row a decision, an undo is a row of its own.
CREATE TABLE records.decision (
    id         UBIGINT NOT NULL PRIMARY KEY,
    target     VARCHAR NOT NULL,
    action     VARCHAR NOT NULL,
    author     VARCHAR NOT NULL,
    reason     VARCHAR NOT NULL,
    decided_at BIGINT NOT NULL, -- microseconds since 1970
    until      BIGINT -- microseconds since 1970
);

-- The rules that users state, as they were given; the highest version is in force.
CREATE TABLE records.rule_set (
    version UBIGINT NOT NULL PRIMARY KEY,
    text    VARCHAR NOT NULL, -- YAML
    author  VARCHAR NOT NULL,
    put_at  BIGINT NOT NULL -- microseconds since 1970
);

-- What held deliveries do to the ones before: one row a delivery.
CREATE TABLE records.delivery_choice (
    format               VARCHAR NOT NULL,
    billing_account      VARCHAR NOT NULL,
    billing_period_start BIGINT NOT NULL, -- microseconds since 1970
    name                 VARCHAR NOT NULL,
    choice               VARCHAR NOT NULL, -- `replace` or `add`
    PRIMARY KEY (format, billing_account, billing_period_start, name)
);
