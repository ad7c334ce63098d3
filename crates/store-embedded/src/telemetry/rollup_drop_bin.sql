-- Takes away the bins of the staged hours. Parameters: none.
DELETE FROM rollup_bin USING stage_hour AS hour
WHERE rollup_bin.series = hour.series AND rollup_bin.instant = hour.instant;
