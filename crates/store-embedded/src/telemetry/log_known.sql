-- Whether a batch of logs was counted before. Parameters: 1 origin ubigint. Order: one row.
SELECT EXISTS (SELECT 1 FROM log_minute WHERE origin = $1);
