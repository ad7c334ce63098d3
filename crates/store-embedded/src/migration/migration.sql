-- Which migrations were applied; small, so it may have a key.
CREATE TABLE IF NOT EXISTS migration (
    area       VARCHAR NOT NULL,
    number     UINTEGER NOT NULL,
    checksum   VARCHAR NOT NULL,
    PRIMARY KEY (area, number)
);
