-- Tables of one transaction: what arrives is put beside what is there, then merged. `fate` is what
-- becomes of a row: 0 it is new, 1 it wins over the one held, 2 it says the same later, 3 it loses.
-- Parameters: none. Order: none; emptied when the transaction ends.
CREATE TEMP TABLE IF NOT EXISTS stage_subject (
    id BIGINT, entity BIGINT, canonical TEXT, kind TEXT, name TEXT, account TEXT, region TEXT,
    zone TEXT, cluster TEXT, namespace TEXT, environment TEXT, owner TEXT, application TEXT
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_series (
    place INTEGER, subject BIGINT, name_hash BYTEA
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_sample (
    series INTEGER, instant BIGINT, value DOUBLE PRECISION, fate SMALLINT DEFAULT 0
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_histogram (
    series INTEGER, instant BIGINT, period BIGINT, count BIGINT, sum DOUBLE PRECISION, bins TEXT,
    fingerprint BIGINT, observed_at BIGINT, fate SMALLINT DEFAULT 0
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_span (
    trace_id BYTEA, span_id BYTEA, kind SMALLINT, parent_id BYTEA, subject BIGINT, service TEXT,
    name TEXT, start_at BIGINT, end_at BIGINT, is_error BOOLEAN, peer TEXT,
    sampling_probability DOUBLE PRECISION, attributes TEXT, fingerprint BIGINT, observed_at BIGINT,
    fate SMALLINT DEFAULT 0
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_edge (
    client BIGINT, server BIGINT, operation TEXT COLLATE "C", instant BIGINT,
    origin TEXT COLLATE "C", is_asynchronous BOOLEAN, is_scaled BOOLEAN, calls BIGINT,
    errors BIGINT, client_bins TEXT COLLATE "C", server_bins TEXT COLLATE "C", observed_at BIGINT
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_record (
    record TEXT, key TEXT, source TEXT, external_id TEXT, class TEXT, title TEXT, status TEXT,
    instant BIGINT, until BIGINT, count BIGINT, body TEXT, fingerprint BIGINT, observed_at BIGINT,
    fate SMALLINT DEFAULT 0
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_record_subject (
    record TEXT, key TEXT, subject BIGINT, position INTEGER
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_raw (
    series INTEGER, instant BIGINT, value DOUBLE PRECISION
) ON COMMIT DELETE ROWS;
