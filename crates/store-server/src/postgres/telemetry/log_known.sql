-- Whether a batch of logs was counted before. Parameters: origin: bigint. Order: one row.
SELECT EXISTS (SELECT 1 FROM log_minute WHERE origin = $origin);
