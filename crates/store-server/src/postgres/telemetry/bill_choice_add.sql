-- Keeps a choice. Parameters: 1 format text, 2 billing account text, 3 billing period bigint, 4 name
-- text, 5 choice text.
INSERT INTO ubiquitous_records.delivery_choice VALUES ($1, $2, $3, $4, $5);
