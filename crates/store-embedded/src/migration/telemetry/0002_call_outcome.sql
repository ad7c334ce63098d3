-- What became of callers' requests in which calls failed, by minute: rows add up, some of them negative.
-- `requests` holds a request with several failed calls of one pair once; `survived` those that still
-- succeeded.
CREATE TABLE call_outcome (
    client UBIGINT NOT NULL,
    server UBIGINT NOT NULL,
    instant BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    survived BIGINT NOT NULL
);
