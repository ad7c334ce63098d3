-- The delivery of one name in one month, with its newest file. Parameters: 1 format text, 2 billing
-- account text, 3 month text (`2026-09`), 4 name text. Order: by period.
SELECT bill.billing_period_start, max(charge.file)
FROM bill
JOIN charge ON charge.bill = bill.id
WHERE bill.format = $1 AND bill.billing_account = $2
    AND strftime(make_timestamp(bill.billing_period_start), '%Y-%m') = $3 AND bill.name = $4
GROUP BY bill.billing_period_start
ORDER BY bill.billing_period_start;
