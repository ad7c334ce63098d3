-- Takes away records that lose to a staged one. Parameters: none.
DELETE FROM record AS held USING stage_record AS staged
WHERE staged.fate = 1 AND held.record = staged.record AND held.key = staged.key;
