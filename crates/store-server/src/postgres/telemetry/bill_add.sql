-- A new bill. Parameters: 1 format text, 2 billing account text, 3 billing period bigint, 4 name text.
-- Order: one row, its number.
INSERT INTO bill
SELECT coalesce(max(id) + 1, 0), $1::text, $2::text, $3::bigint, $4::text, 0, '', 0, 0, 'held',
    'a file of it is still arriving'
FROM bill
RETURNING id;
