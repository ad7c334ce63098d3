-- Tables of one transaction: what arrives is put beside what is there, then merged by one statement.
-- Order: none; emptied after use.
CREATE TEMP TABLE IF NOT EXISTS stage_subject (
    id UBIGINT, entity UBIGINT, canonical VARCHAR, kind VARCHAR, name VARCHAR, account VARCHAR,
    region VARCHAR, zone VARCHAR, cluster VARCHAR, namespace VARCHAR, environment VARCHAR,
    owner VARCHAR, application VARCHAR
);
CREATE TEMP TABLE IF NOT EXISTS stage_sample (
    series UINTEGER, instant BIGINT, value DOUBLE, observed_at BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS stage_histogram (
    series UINTEGER, instant BIGINT, period BIGINT, count UBIGINT, sum DOUBLE, bins VARCHAR,
    fingerprint UBIGINT, observed_at BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS stage_span (
    trace_high UBIGINT, trace_low UBIGINT, span_id UBIGINT, parent_id UBIGINT, subject UBIGINT,
    service VARCHAR, name VARCHAR, kind UTINYINT, start_at BIGINT, end_at BIGINT, is_error BOOLEAN,
    peer VARCHAR, sampling_probability DOUBLE, attributes VARCHAR, fingerprint UBIGINT,
    observed_at BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS stage_edge (
    client UBIGINT, server UBIGINT, operation VARCHAR, instant BIGINT, origin VARCHAR,
    is_asynchronous BOOLEAN, is_scaled BOOLEAN, calls BIGINT, errors BIGINT, client_bins VARCHAR,
    server_bins VARCHAR, observed_at BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS stage_record (
    record VARCHAR, key VARCHAR, source VARCHAR, external_id VARCHAR, class VARCHAR, title VARCHAR,
    status VARCHAR, instant BIGINT, until BIGINT, count UBIGINT, body VARCHAR, fingerprint UBIGINT,
    observed_at BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS stage_record_subject (
    record VARCHAR, key VARCHAR, subject UBIGINT, position UINTEGER
);
CREATE TEMP TABLE IF NOT EXISTS stage_hour (series UINTEGER, instant BIGINT);
CREATE TEMP TABLE IF NOT EXISTS stage_raw (series UINTEGER, instant BIGINT, value DOUBLE);
