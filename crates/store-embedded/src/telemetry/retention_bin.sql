-- What retention drops of rollup_bin. Parameters: 1 until bigint, not included.
DELETE FROM rollup_bin WHERE instant < $1;
