-- Takes away the rollups of the staged hours. Parameters: none.
DELETE FROM rollup_hour USING stage_hour AS hour
WHERE rollup_hour.series = hour.series AND rollup_hour.instant = hour.instant;
