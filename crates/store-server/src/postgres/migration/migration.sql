-- Which migrations were applied. Parameters: none.
CREATE TABLE IF NOT EXISTS migration (
    area     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (area, number)
);
