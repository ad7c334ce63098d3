-- Says that no hour waits. Parameters: none.
DELETE FROM rollup_dirty;
