-- Whom staged records are of that are new or win. Parameters: none. After `record_subject_drop`.
INSERT INTO record_subject
SELECT named.record, named.key, named.subject, named.position
FROM stage_record_subject AS named
JOIN stage_record AS staged ON staged.record = named.record AND staged.key = named.key
WHERE staged.fate IN (0, 1);
