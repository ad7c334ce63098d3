-- What retention drops of log_minute. Parameters: 1 until bigint, not included.
DELETE FROM log_minute WHERE instant < $1;
