-- Values as received, in TimescaleDB's chunks of a week; NaN is the marker that the series ended.
CREATE TABLE sample (
    series      INTEGER NOT NULL,
    instant     BIGINT NOT NULL,
    value       DOUBLE PRECISION NOT NULL,
    observed_at BIGINT NOT NULL,
    PRIMARY KEY (series, instant)
);
SELECT create_hypertable('sample', 'instant', chunk_time_interval => 604800000000,
    create_default_indexes => false);
