-- Empties the staged raw rows. Parameters: none.
TRUNCATE stage_raw;
