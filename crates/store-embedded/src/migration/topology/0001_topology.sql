-- The graph of the estate with its history. Every table is appended to and never updated: the newest
-- row of a key is the one with the greatest rowid, and the writer's memory keeps keys unique, so no
-- table has a key or an index that would have to fit in memory. Instants are microseconds since 1970;
-- kinds, states and confidences are the codes of the model.
CREATE SCHEMA topology;

-- One row a write; its number is the version of the topology.
CREATE TABLE topology.write (
    number      UBIGINT NOT NULL,
    source      VARCHAR NOT NULL,
    observed_at BIGINT NOT NULL
);

CREATE TABLE topology.entity (
    id        UBIGINT NOT NULL,
    canonical VARCHAR NOT NULL,
    kind      UTINYINT NOT NULL,
    state     UTINYINT NOT NULL
);

-- What one source says about an entity from one instant on.
CREATE TABLE topology.version (
    entity      UBIGINT NOT NULL,
    source      VARCHAR NOT NULL,
    observed_at BIGINT NOT NULL,
    fingerprint UBIGINT NOT NULL,
    name        VARCHAR NOT NULL,
    account     VARCHAR,
    region      VARCHAR,
    zone        VARCHAR,
    cluster     VARCHAR,
    namespace   VARCHAR,
    environment VARCHAR,
    labels      VARCHAR NOT NULL, -- JSON object
    properties  VARCHAR NOT NULL, -- JSON object
    created_at  BIGINT,
    ended_at    BIGINT,
    incarnation VARCHAR,
    observed_to BIGINT,
    is_implied  BOOLEAN NOT NULL,
    owner       VARCHAR,
    application VARCHAR
);

-- Entities whose record said nothing new at an observation: a compressed bitmap of their ids.
CREATE TABLE topology.run (
    source      VARCHAR NOT NULL,
    observed_at BIGINT NOT NULL,
    seen        BLOB NOT NULL
);

CREATE TABLE topology.claim (
    key           VARCHAR NOT NULL,
    leads_to      VARCHAR NOT NULL, -- JSON array of keys
    confidence    UTINYINT NOT NULL,
    source        VARCHAR NOT NULL,
    stated_by     UBIGINT,
    observed_from BIGINT NOT NULL,
    observed_to   BIGINT
);

CREATE TABLE topology.relation (
    near        UBIGINT NOT NULL,
    kind        UTINYINT NOT NULL,
    far         UBIGINT NOT NULL,
    evidence    UTINYINT NOT NULL,
    source      VARCHAR NOT NULL,
    stated_by   UBIGINT,
    statement   UBIGINT NOT NULL,
    need        UTINYINT NOT NULL,
    need_source UTINYINT NOT NULL,
    group_name  VARCHAR NOT NULL,
    min_alive   UINTEGER NOT NULL,
    rule        VARCHAR NOT NULL,
    confidence  UTINYINT NOT NULL,
    properties  VARCHAR NOT NULL, -- JSON object
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT,
    seen_at     BIGINT NOT NULL
);

-- References that are kept because what they lead to can change; without document: withdrawn.
CREATE TABLE topology.reference (
    id       UBIGINT NOT NULL,
    document BLOB
);

CREATE TABLE topology.merge (
    near        UBIGINT NOT NULL,
    into_id     UBIGINT NOT NULL,
    evidence    VARCHAR NOT NULL,
    observed_at BIGINT NOT NULL
);

CREATE TABLE topology.retirement (
    entity UBIGINT NOT NULL,
    source VARCHAR NOT NULL,
    missed_at BIGINT NOT NULL
);

CREATE TABLE topology.held (
    document BLOB NOT NULL
);

CREATE TABLE topology.ownership (
    document BLOB NOT NULL
);
