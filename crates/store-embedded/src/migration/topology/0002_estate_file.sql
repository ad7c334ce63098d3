-- The token of the file beside the database that holds the folded estate. A file with another token is
-- of another database, or was not finished, and is not read. One row at most.
CREATE TABLE topology.estate_file (
    token VARCHAR NOT NULL
);
