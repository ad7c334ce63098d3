-- Takes away whom records are of that lose to a staged one. Parameters: none. Before `record_drop`.
DELETE FROM record_subject
WHERE (record, key) IN (
    SELECT (held.record, held.key)
    FROM record AS held
    JOIN stage_record AS staged ON staged.record = held.record AND staged.key = held.key
    WHERE held.fingerprint <> staged.fingerprint
        AND (staged.observed_at > held.observed_at
            OR (staged.observed_at = held.observed_at
                AND staged.fingerprint > held.fingerprint)));
