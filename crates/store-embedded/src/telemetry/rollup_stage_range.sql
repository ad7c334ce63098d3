-- Raw rows of a range of hours. Parameters: 1 from and 2 to bigint. Expects samples in order of time.
INSERT INTO stage_raw
SELECT series, at, value FROM sample WHERE at >= $1 AND at < $2 AND NOT isnan(value);
