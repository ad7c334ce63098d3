-- Values as received, one partition a week; NaN is the marker that the series ended. Weeks are made when
-- their first row comes (`partition.rs`); what lies apart falls into the last partition.
CREATE TABLE sample (
    series      INTEGER NOT NULL,
    instant     BIGINT NOT NULL,
    value       DOUBLE PRECISION NOT NULL,
    observed_at BIGINT NOT NULL,
    PRIMARY KEY (series, instant)
) PARTITION BY RANGE (instant);
CREATE TABLE sample_apart PARTITION OF sample DEFAULT;
CREATE INDEX sample_apart_instant ON sample_apart (instant);
