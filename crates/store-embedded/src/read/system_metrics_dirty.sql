-- First and last hour of a range that is to be rolled up again. Parameters: 1 from and 2 to bigint.
-- Order: one row.
SELECT min(instant), max(instant) FROM rollup_dirty WHERE instant >= $1 AND instant < $2;
