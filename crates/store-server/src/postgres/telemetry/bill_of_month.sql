-- The delivery of one name in one month, with its newest file. Parameters: 1 format text, 2 billing
-- account text, 3 month text (`2026-09`), 4 name text. Order: by period.
SELECT bill.billing_period_start, max(charge.file)
FROM bill
JOIN charge ON charge.bill = bill.id
WHERE bill.format = $1 AND bill.billing_account = $2
    AND to_char(timestamp '1970-01-01' + bill.billing_period_start * interval '1 microsecond',
        'YYYY-MM') = $3
    AND bill.name = $4
GROUP BY bill.billing_period_start
ORDER BY bill.billing_period_start;
