-- What was measured, billed and reported. Instants are microseconds since 1970. Hashes of 64 bits
-- (fingerprint, description, origin) are kept with their first bit turned, so that BIGINT orders them as
-- unsigned numbers. One writer at a time, under an advisory lock, keeps unique what has no key.

-- Whom rows are of. `entity` is what the id stands for now; everything else describes that entity.
CREATE TABLE subject (
    id          BIGINT NOT NULL PRIMARY KEY,
    entity      BIGINT NOT NULL,
    canonical   TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    account     TEXT COLLATE "C",
    region      TEXT COLLATE "C",
    zone        TEXT COLLATE "C",
    cluster     TEXT COLLATE "C",
    namespace   TEXT COLLATE "C",
    environment TEXT COLLATE "C",
    owner       TEXT COLLATE "C",
    application TEXT COLLATE "C"
);
CREATE INDEX subject_entity ON subject (entity);

-- One series; its identity is the hash of source, metric and labels, and the entity of its subject.
CREATE TABLE series (
    id          INTEGER NOT NULL PRIMARY KEY,
    subject     BIGINT NOT NULL,
    name_hash   BYTEA NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    metric      TEXT COLLATE "C" NOT NULL,
    labels      TEXT COLLATE "C" NOT NULL,
    signal      TEXT COLLATE "C",
    factor      DOUBLE PRECISION NOT NULL,
    unit        TEXT COLLATE "C",
    series_type TEXT COLLATE "C" NOT NULL,
    description BIGINT NOT NULL
);
CREATE INDEX series_name ON series (name_hash);
CREATE INDEX series_subject ON series (subject);
CREATE INDEX series_signal ON series USING hash (signal);
CREATE INDEX series_metric ON series USING hash (metric);

-- Native histograms in our bins; a period of 0 is cumulative since the start of the series.
CREATE TABLE histogram (
    series      INTEGER NOT NULL,
    instant     BIGINT NOT NULL,
    period      BIGINT NOT NULL,
    count       BIGINT NOT NULL,
    sum         DOUBLE PRECISION,
    bins        TEXT COLLATE "C" NOT NULL,
    fingerprint BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    PRIMARY KEY (series, instant)
);

-- Samples by hour, below `rolled_until`, but those in `rollup_dirty`.
CREATE TABLE rollup_hour (
    series   INTEGER NOT NULL,
    instant  BIGINT NOT NULL,
    count    BIGINT NOT NULL,
    sum      DOUBLE PRECISION NOT NULL,
    min      DOUBLE PRECISION NOT NULL,
    max      DOUBLE PRECISION NOT NULL,
    first_at BIGINT NOT NULL,
    first    DOUBLE PRECISION NOT NULL,
    last_at  BIGINT NOT NULL,
    last     DOUBLE PRECISION NOT NULL,
    increase DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (series, instant)
);
CREATE INDEX rollup_hour_instant ON rollup_hour USING brin (instant);

-- Values by hour and bin, of signals of which percentiles are asked, in the signal's unit.
CREATE TABLE rollup_bin (
    series  INTEGER NOT NULL,
    instant BIGINT NOT NULL,
    bin     INTEGER NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (series, instant, bin)
);
CREATE INDEX rollup_bin_instant ON rollup_bin USING brin (instant);

-- Hours that are rolled up and got a late row since: read raw until they are built again.
CREATE TABLE rollup_dirty (
    series  INTEGER NOT NULL,
    instant BIGINT NOT NULL,
    PRIMARY KEY (series, instant)
);

CREATE TABLE span (
    trace_id    BYTEA NOT NULL,
    span_id     BYTEA NOT NULL,
    kind        SMALLINT NOT NULL, -- 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer
    parent_id   BYTEA NOT NULL, -- zeros for none
    subject     BIGINT NOT NULL,
    service     TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    start_at    BIGINT NOT NULL,
    end_at      BIGINT NOT NULL,
    is_error    BOOLEAN NOT NULL,
    peer        TEXT COLLATE "C",
    sampling_probability DOUBLE PRECISION,
    attributes  TEXT COLLATE "C" NOT NULL,
    fingerprint BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    PRIMARY KEY (trace_id, span_id, kind)
);
CREATE INDEX span_start ON span (start_at);

-- Calls by minute. Those paired from spans (`origin` is empty) are rows that add up, some of them
-- negative; those of another tool are one row a key. Bins are `bin:count` joined by spaces.
CREATE TABLE edge_minute (
    client          BIGINT NOT NULL,
    server          BIGINT NOT NULL,
    operation       TEXT COLLATE "C" NOT NULL,
    instant         BIGINT NOT NULL,
    origin          TEXT COLLATE "C" NOT NULL,
    is_asynchronous BOOLEAN NOT NULL,
    is_scaled       BOOLEAN NOT NULL,
    calls           BIGINT NOT NULL,
    errors          BIGINT NOT NULL,
    client_bins     TEXT COLLATE "C" NOT NULL,
    server_bins     TEXT COLLATE "C" NOT NULL,
    observed_at     BIGINT NOT NULL
);
CREATE INDEX edge_minute_instant ON edge_minute (instant);
CREATE INDEX edge_minute_key ON edge_minute (client, server, instant) WHERE origin <> '';

-- What became of callers' requests in which calls failed, by minute: rows add up, some negative.
CREATE TABLE call_outcome (
    client   BIGINT NOT NULL,
    server   BIGINT NOT NULL,
    instant  BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    survived BIGINT NOT NULL
);
CREATE INDEX call_outcome_instant ON call_outcome (instant);

-- Log records by minute; `origin` is the hash of the batch that counted them, batches add up.
CREATE TABLE log_minute (
    subject  BIGINT NOT NULL,
    instant  BIGINT NOT NULL,
    severity TEXT COLLATE "C" NOT NULL,
    count    BIGINT NOT NULL,
    origin   BIGINT NOT NULL
);
CREATE INDEX log_minute_instant ON log_minute (instant);
CREATE INDEX log_minute_origin ON log_minute (origin);

-- Incidents, changes, findings, values, budgets and statements: one row a key, of two versions the
-- later observed. `body` is the whole observation.
CREATE TABLE record (
    record      TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    class       TEXT COLLATE "C" NOT NULL,
    title       TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C",
    instant     BIGINT,
    until       BIGINT,
    count       BIGINT NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    fingerprint BIGINT NOT NULL,
    observed_at BIGINT NOT NULL
);
CREATE INDEX record_key ON record USING hash (key);
CREATE INDEX record_instant ON record (record, instant);

CREATE TABLE record_subject (
    record   TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    subject  BIGINT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX record_subject_key ON record_subject USING hash (key);
CREATE INDEX record_subject_subject ON record_subject (subject);

-- One version of one export for one account and period.
CREATE TABLE bill (
    id                   INTEGER NOT NULL PRIMARY KEY,
    format               TEXT COLLATE "C" NOT NULL,
    billing_account      TEXT COLLATE "C" NOT NULL,
    billing_period_start BIGINT NOT NULL,
    name                 TEXT COLLATE "C" NOT NULL,
    exported_at          BIGINT NOT NULL,
    content_hash         TEXT COLLATE "C" NOT NULL,
    rows                 BIGINT NOT NULL,
    days                 BIGINT NOT NULL,
    state                TEXT COLLATE "C" NOT NULL,
    reason               TEXT COLLATE "C"
);

-- A file of charges. `row_last` is the last row of it that is held.
CREATE TABLE charge_file (
    id           INTEGER NOT NULL PRIMARY KEY,
    content_hash TEXT COLLATE "C" NOT NULL,
    format       TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    exported_at  BIGINT NOT NULL,
    row_last     BIGINT NOT NULL,
    is_complete  BOOLEAN NOT NULL
);

-- What many charges have in common.
CREATE TABLE charge_line (
    id                   INTEGER NOT NULL PRIMARY KEY,
    hash                 BYTEA NOT NULL UNIQUE,
    resource             BIGINT,
    tagset               INTEGER NOT NULL,
    billing_account      TEXT COLLATE "C" NOT NULL,
    billing_period_start BIGINT NOT NULL,
    billing_period_end   BIGINT NOT NULL,
    sub_account          TEXT COLLATE "C",
    sub_account_name     TEXT COLLATE "C",
    provider             TEXT COLLATE "C" NOT NULL,
    publisher            TEXT COLLATE "C",
    service              TEXT COLLATE "C",
    service_category     TEXT COLLATE "C",
    region               TEXT COLLATE "C",
    zone                 TEXT COLLATE "C",
    category             TEXT COLLATE "C" NOT NULL,
    class                TEXT COLLATE "C",
    frequency            TEXT COLLATE "C",
    description          TEXT COLLATE "C",
    pricing_category     TEXT COLLATE "C",
    commitment_id        TEXT COLLATE "C",
    commitment_status    TEXT COLLATE "C",
    sku                  TEXT COLLATE "C",
    resource_id          TEXT COLLATE "C",
    resource_name        TEXT COLLATE "C",
    resource_type        TEXT COLLATE "C",
    currency             TEXT COLLATE "C" NOT NULL,
    unit                 TEXT COLLATE "C",
    operation            TEXT COLLATE "C"
);

-- Sets of tags by the hash of their names and values; 0 is the empty set.
CREATE TABLE charge_tagset (
    id   INTEGER NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE
);

CREATE TABLE charge_tag (
    tagset INTEGER NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    value  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX charge_tag_tagset ON charge_tag (tagset);

CREATE TABLE charge (
    bill       INTEGER NOT NULL,
    file       INTEGER NOT NULL,
    line       INTEGER NOT NULL,
    start_at   BIGINT NOT NULL,
    end_at     BIGINT NOT NULL,
    billed     NUMERIC(38, 18),
    effective  NUMERIC(38, 18),
    list       NUMERIC(38, 18),
    contracted NUMERIC(38, 18),
    quantity   NUMERIC(38, 18)
);
CREATE INDEX charge_bill ON charge (bill, start_at);
CREATE INDEX charge_file_of ON charge (file);

-- `rolled_until` ends what is rolled up; `raw_from` begins what is held raw; `newest` is the newest
-- instant of any sample or histogram.
CREATE TABLE telemetry_mark (
    name   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);

CREATE TABLE telemetry_version (
    kind   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    newest BIGINT
);
