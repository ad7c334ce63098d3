-- Takes away the rollups of the hours to be rolled up again. Parameters: none.
DELETE FROM rollup_hour USING rollup_dirty AS hour
WHERE rollup_hour.series = hour.series AND rollup_hour.instant = hour.instant;
