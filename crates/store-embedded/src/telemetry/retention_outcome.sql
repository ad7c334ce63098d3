-- What retention drops of call_outcome. Parameters: 1 until bigint, not included.
DELETE FROM call_outcome WHERE instant < $1;
