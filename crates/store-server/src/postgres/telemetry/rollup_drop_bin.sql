-- Takes away the bins of the hours to be rolled up again. Parameters: none.
DELETE FROM rollup_bin USING rollup_dirty AS hour
WHERE rollup_bin.series = hour.series AND rollup_bin.instant = hour.instant;
