-- Hours to roll up again. Parameters: none. Order: none.
SELECT at, series FROM rollup_dirty;
