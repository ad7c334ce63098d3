-- Raw rows of a range of hours. Parameters: from, to: bigint.
INSERT INTO stage_raw
SELECT series, instant, value FROM sample
WHERE instant >= $from AND instant < $to AND value <> 'NaN';
