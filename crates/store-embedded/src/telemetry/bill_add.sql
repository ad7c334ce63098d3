-- A new bill. Parameters: 1 format text, 2 billing account text, 3 billing period bigint, 4 name text.
INSERT INTO bill
SELECT coalesce(max(id) + 1, 0), $1, $2, $3, $4, 0, '', 0, 0, 'held', 'a file of it is still arriving'
FROM bill;
