-- What retention drops of rollup_hour. Parameters: 1 until bigint, not included.
DELETE FROM rollup_hour WHERE instant < $1;
