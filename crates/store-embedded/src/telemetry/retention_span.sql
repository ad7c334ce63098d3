-- What retention drops of span. Parameters: 1 until bigint, not included.
DELETE FROM span WHERE start_at < $1;
