-- Hours to roll up again. Parameters: none. Order: none.
SELECT instant, series FROM rollup_dirty;
