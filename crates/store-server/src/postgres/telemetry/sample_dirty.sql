-- Marks hours that are rolled up and got a staged row. Parameters: rolled_until: bigint.
INSERT INTO rollup_dirty
SELECT DISTINCT series, instant - (instant % 3600000000 + 3600000000) % 3600000000
FROM stage_sample
WHERE fate IN (0, 1) AND instant < $rolled_until
ON CONFLICT DO NOTHING;
