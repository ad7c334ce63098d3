-- Raw rows of a range of hours. Parameters: 1 from and 2 to bigint. Expects samples in order of time.
INSERT INTO stage_raw
SELECT series, instant, value FROM sample WHERE instant >= $1 AND instant < $2 AND NOT isnan(value);
