-- How many staged histograms are new and how many change one, and the newest of them. Parameters: none.
-- Order: one row.
SELECT count(*) FILTER (WHERE fate = 0), count(*) FILTER (WHERE fate = 1),
    max(instant) FILTER (WHERE fate IN (0, 1))
FROM stage_histogram;
