-- Whom staged records are of, where none is held. Parameters: none. Before `record_add`.
INSERT INTO record_subject
SELECT staged.record, staged.key, staged.subject, staged.position
FROM stage_record_subject AS staged
ANTI JOIN record AS held ON held.record = staged.record AND held.key = staged.key;
