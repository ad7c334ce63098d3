-- How many staged samples change one, and the newest that is new or changes one. Parameters: none.
-- Order: one row.
SELECT count(*) FILTER (WHERE fate = 1), count(*) FILTER (WHERE fate = 0),
    max(instant) FILTER (WHERE fate IN (0, 1))
FROM stage_sample;
