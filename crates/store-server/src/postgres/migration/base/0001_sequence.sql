-- The last sequence applied, by journal and store; a handful of rows.
CREATE TABLE sequence (
    journal TEXT COLLATE "C" NOT NULL,
    store   TEXT COLLATE "C" NOT NULL,
    number  BIGINT NOT NULL,
    PRIMARY KEY (journal, store)
);
