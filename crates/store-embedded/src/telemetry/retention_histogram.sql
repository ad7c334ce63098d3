-- What retention drops of histogram. Parameters: 1 until bigint, not included.
DELETE FROM histogram WHERE instant < $1;
