-- Staged records that are new or win. Parameters: none. After `record_drop`.
INSERT INTO record
SELECT record, key, source, external_id, class, title, status, instant, until, count, body,
    fingerprint, observed_at
FROM stage_record WHERE fate IN (0, 1);
