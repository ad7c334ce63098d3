-- A row when any native histogram is held. Parameters: none. Order: none.
SELECT 1 FROM histogram LIMIT 1;
