-- Takes away records that lose to a staged one. Parameters: none.
DELETE FROM record USING stage_record AS staged
WHERE record.record = staged.record AND record.key = staged.key
    AND record.fingerprint <> staged.fingerprint
    AND (staged.observed_at > record.observed_at
        OR (staged.observed_at = record.observed_at AND staged.fingerprint > record.fingerprint));
