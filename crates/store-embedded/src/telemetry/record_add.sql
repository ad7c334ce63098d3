-- Staged records of which none is held. Parameters: none.
INSERT INTO record
SELECT staged.* FROM stage_record AS staged
ANTI JOIN record AS held ON held.record = staged.record AND held.key = staged.key;
