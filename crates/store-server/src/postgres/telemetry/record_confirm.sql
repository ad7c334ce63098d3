-- Records that a later observation says again. Parameters: none.
UPDATE record SET observed_at = staged.observed_at
FROM stage_record AS staged
WHERE staged.fate = 2 AND record.record = staged.record AND record.key = staged.key;
