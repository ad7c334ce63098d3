-- What retention drops of edge_minute. Parameters: 1 until bigint, not included.
DELETE FROM edge_minute WHERE instant < $1;
