-- Takes a choice back. Parameters: 1 format text, 2 billing account text, 3 billing period bigint,
-- 4 name text.
DELETE FROM ubiquitous_records.delivery_choice
WHERE format = $1 AND billing_account = $2 AND billing_period_start = $3 AND name = $4;
