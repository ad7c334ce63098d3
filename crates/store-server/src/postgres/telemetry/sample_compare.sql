-- What becomes of staged samples of which one is held: the later observation wins, ties go to the
-- greater value, the marker of an end (NaN) loses to any value. Parameters: first, last: bigint, ends of
-- the staged instants; observed_at: bigint. Expects the key of sample.
UPDATE stage_sample AS staged SET fate =
    CASE WHEN held.value = staged.value
            THEN CASE WHEN $observed_at > held.observed_at THEN 2 ELSE 3 END
        WHEN $observed_at > held.observed_at
            OR ($observed_at = held.observed_at AND staged.value <> 'NaN'
                AND (held.value = 'NaN' OR staged.value > held.value)) THEN 1
        ELSE 3 END
FROM sample AS held
WHERE held.series = staged.series AND held.instant = staged.instant
    AND held.instant >= $first AND held.instant <= $last;
