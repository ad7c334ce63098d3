-- How many staged records are new and how many win over the one held, with the newest instant of
-- both. Parameters: none. Order: by record.
SELECT staged.record, count(*) FILTER (WHERE held.key IS NULL) AS added,
    count(*) FILTER (WHERE held.key IS NOT NULL) AS changed, max(staged.instant) AS newest
FROM stage_record AS staged
LEFT JOIN record AS held ON held.record = staged.record AND held.key = staged.key
WHERE held.key IS NULL
    OR (held.fingerprint <> staged.fingerprint
        AND (staged.observed_at > held.observed_at
            OR (staged.observed_at = held.observed_at AND staged.fingerprint > held.fingerprint)))
GROUP BY staged.record
ORDER BY staged.record;
