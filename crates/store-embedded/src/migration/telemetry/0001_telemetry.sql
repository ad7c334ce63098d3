-- What was measured, billed and reported. Instants are microseconds since 1970. No keys and no
-- indexes: the writer keeps uniqueness, and none of these tables may have to fit in memory.

-- Whom rows are of. `entity` is what the id stands for now; everything else describes that entity.
CREATE TABLE subject (
    id UBIGINT NOT NULL,
    entity UBIGINT NOT NULL,
    canonical VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    account VARCHAR,
    region VARCHAR,
    zone VARCHAR,
    cluster VARCHAR,
    namespace VARCHAR,
    environment VARCHAR,
    owner VARCHAR,
    application VARCHAR
);

-- One series; its identity is source, metric, labels and the entity that its subject stands for.
CREATE TABLE series (
    id UINTEGER NOT NULL,
    subject UBIGINT NOT NULL,
    source VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    labels VARCHAR NOT NULL,
    signal VARCHAR,
    factor DOUBLE NOT NULL,
    unit VARCHAR,
    series_type VARCHAR NOT NULL,
    description UBIGINT NOT NULL
);

-- Values as received; NaN is the marker that the series ended.
CREATE TABLE sample (
    series UINTEGER NOT NULL,
    instant BIGINT NOT NULL,
    value DOUBLE NOT NULL,
    observed_at BIGINT NOT NULL
);

-- Native histograms in our bins; a period of 0 is cumulative since the start of the series.
CREATE TABLE histogram (
    series UINTEGER NOT NULL,
    instant BIGINT NOT NULL,
    period BIGINT NOT NULL,
    count UBIGINT NOT NULL,
    sum DOUBLE,
    bins VARCHAR NOT NULL,
    fingerprint UBIGINT NOT NULL,
    observed_at BIGINT NOT NULL
);

-- Samples by hour, below `rolled_until`, but those in `rollup_dirty`.
CREATE TABLE rollup_hour (
    series UINTEGER NOT NULL,
    instant BIGINT NOT NULL,
    count UBIGINT NOT NULL,
    sum DOUBLE NOT NULL,
    min DOUBLE NOT NULL,
    max DOUBLE NOT NULL,
    first_at BIGINT NOT NULL,
    first DOUBLE NOT NULL,
    last_at BIGINT NOT NULL,
    last DOUBLE NOT NULL,
    increase DOUBLE NOT NULL
);

-- Values by hour and bin, of signals of which percentiles are asked, in the signal's unit.
CREATE TABLE rollup_bin (
    series UINTEGER NOT NULL,
    instant BIGINT NOT NULL,
    bin INTEGER NOT NULL,
    count UBIGINT NOT NULL
);

-- Hours that are rolled up and got a late row since: read raw until they are built again.
CREATE TABLE rollup_dirty (
    series UINTEGER NOT NULL,
    instant BIGINT NOT NULL
);

CREATE TABLE span (
    trace_high UBIGINT NOT NULL,
    trace_low UBIGINT NOT NULL,
    span_id UBIGINT NOT NULL,
    parent_id UBIGINT NOT NULL,
    subject UBIGINT NOT NULL,
    service VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind UTINYINT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    is_error BOOLEAN NOT NULL,
    peer VARCHAR,
    sampling_probability DOUBLE,
    attributes VARCHAR NOT NULL,
    fingerprint UBIGINT NOT NULL,
    observed_at BIGINT NOT NULL
);

-- Calls by minute. Those paired from spans (`origin` is empty) are rows that add up, some of them
-- negative; those of another tool are one row a key. Bins are `bin:count` joined by spaces.
CREATE TABLE edge_minute (
    client UBIGINT NOT NULL,
    server UBIGINT NOT NULL,
    operation VARCHAR NOT NULL,
    instant BIGINT NOT NULL,
    origin VARCHAR NOT NULL,
    is_asynchronous BOOLEAN NOT NULL,
    is_scaled BOOLEAN NOT NULL,
    calls BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    client_bins VARCHAR NOT NULL,
    server_bins VARCHAR NOT NULL,
    observed_at BIGINT NOT NULL
);

-- Log records by minute; `origin` is the hash of the batch that counted them, batches add up.
CREATE TABLE log_minute (
    subject UBIGINT NOT NULL,
    instant BIGINT NOT NULL,
    severity VARCHAR NOT NULL,
    count UBIGINT NOT NULL,
    origin UBIGINT NOT NULL
);

-- Incidents, changes, findings, values, budgets and ownership rules: one row a key, of two versions
-- the later observed. `body` is the whole observation.
CREATE TABLE record (
    record VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    external_id VARCHAR NOT NULL,
    class VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    status VARCHAR,
    instant BIGINT,
    until BIGINT,
    count UBIGINT NOT NULL,
    body VARCHAR NOT NULL,
    fingerprint UBIGINT NOT NULL,
    observed_at BIGINT NOT NULL
);

CREATE TABLE record_subject (
    record VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    subject UBIGINT NOT NULL,
    position UINTEGER NOT NULL
);

-- One version of one export for one account and period.
CREATE TABLE bill (
    id UINTEGER NOT NULL,
    format VARCHAR NOT NULL,
    billing_account VARCHAR NOT NULL,
    billing_period_start BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    exported_at BIGINT NOT NULL,
    content_hash VARCHAR NOT NULL,
    rows UBIGINT NOT NULL,
    days UBIGINT NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR
);

-- A file of charges. `row_last` is the last row of it that is held.
CREATE TABLE charge_file (
    id UINTEGER NOT NULL,
    content_hash VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    exported_at BIGINT NOT NULL,
    row_last UBIGINT NOT NULL,
    is_complete BOOLEAN NOT NULL
);

-- What many charges have in common.
CREATE TABLE charge_line (
    id UINTEGER NOT NULL,
    hash_high UBIGINT NOT NULL,
    hash_low UBIGINT NOT NULL,
    resource UBIGINT,
    tagset UINTEGER NOT NULL,
    billing_account VARCHAR NOT NULL,
    billing_period_start BIGINT NOT NULL,
    billing_period_end BIGINT NOT NULL,
    sub_account VARCHAR,
    sub_account_name VARCHAR,
    provider VARCHAR NOT NULL,
    publisher VARCHAR,
    service VARCHAR,
    service_category VARCHAR,
    region VARCHAR,
    zone VARCHAR,
    category VARCHAR NOT NULL,
    class VARCHAR,
    frequency VARCHAR,
    description VARCHAR,
    pricing_category VARCHAR,
    commitment_id VARCHAR,
    commitment_status VARCHAR,
    sku VARCHAR,
    resource_id VARCHAR,
    resource_name VARCHAR,
    resource_type VARCHAR,
    currency VARCHAR NOT NULL,
    unit VARCHAR,
    operation VARCHAR
);

CREATE TABLE charge_tag (
    tagset UINTEGER NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);

CREATE TABLE charge (
    bill UINTEGER NOT NULL,
    file UINTEGER NOT NULL,
    line UINTEGER NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    billed DECIMAL(38, 18),
    effective DECIMAL(38, 18),
    list DECIMAL(38, 18),
    contracted DECIMAL(38, 18),
    quantity DECIMAL(38, 18)
);

-- `write` counts writes; `rolled_until` ends what is rolled up; `raw_from` begins what is held raw.
CREATE TABLE telemetry_mark (
    name VARCHAR NOT NULL,
    number BIGINT NOT NULL
);

CREATE TABLE telemetry_version (
    kind VARCHAR NOT NULL,
    number UBIGINT NOT NULL,
    newest BIGINT
);
