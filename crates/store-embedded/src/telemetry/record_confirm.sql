-- Records that a later observation says again. Parameters: none.
UPDATE record SET observed_at = staged.observed_at
FROM stage_record AS staged
WHERE record.record = staged.record AND record.key = staged.key
    AND record.fingerprint = staged.fingerprint
    AND staged.observed_at > record.observed_at;
