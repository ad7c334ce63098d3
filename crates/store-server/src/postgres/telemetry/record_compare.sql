-- What becomes of staged records of which one is held: the later observation wins, ties by fingerprint.
-- Parameters: none. Expects the index on key.
UPDATE stage_record AS staged SET fate =
    CASE WHEN held.fingerprint = staged.fingerprint
            THEN CASE WHEN staged.observed_at > held.observed_at THEN 2 ELSE 3 END
        WHEN staged.observed_at > held.observed_at
            OR (staged.observed_at = held.observed_at
                AND staged.fingerprint > held.fingerprint) THEN 1
        ELSE 3 END
FROM record AS held
WHERE held.record = staged.record AND held.key = staged.key;
