-- Puts staged samples that win, or say the same later, in the place of those held. Parameters: first,
-- last, observed_at: bigint. Expects the key of sample.
UPDATE sample SET value = staged.value, observed_at = $observed_at
FROM stage_sample AS staged
WHERE staged.fate IN (1, 2) AND sample.series = staged.series AND sample.instant = staged.instant
    AND sample.instant >= $first AND sample.instant <= $last;
