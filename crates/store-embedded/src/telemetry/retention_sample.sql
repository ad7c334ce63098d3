-- What retention drops of sample. Parameters: 1 until bigint, not included.
DELETE FROM sample WHERE instant < $1;
