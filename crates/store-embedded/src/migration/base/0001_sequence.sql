-- The last sequence applied, by journal and store; a handful of rows.
CREATE TABLE sequence (
    journal VARCHAR NOT NULL,
    store   VARCHAR NOT NULL,
    number  UBIGINT NOT NULL,
    PRIMARY KEY (journal, store)
);
