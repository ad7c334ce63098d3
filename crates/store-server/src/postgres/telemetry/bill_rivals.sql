-- All deliveries of the accounts and periods that a file touches. Parameters: file: integer. Order: by
-- account, period and id.
WITH touched AS (
    SELECT DISTINCT billing_account, billing_period_start FROM bill
    WHERE id IN (SELECT bill FROM charge WHERE file = $file)
),
open_bill AS (
    SELECT DISTINCT charge.bill FROM charge
    WHERE charge.file IN (SELECT id FROM charge_file WHERE NOT is_complete)
)
SELECT bill.billing_account, bill.billing_period_start, bill.id, bill.format, bill.exported_at,
    bill.content_hash, bill.rows, bill.days,
    bill.id NOT IN (SELECT bill FROM open_bill) AS is_complete, bill.state, bill.reason,
    chosen.choice
FROM bill
JOIN touched ON touched.billing_account = bill.billing_account
    AND touched.billing_period_start = bill.billing_period_start
LEFT JOIN ubiquitous_records.delivery_choice AS chosen ON chosen.format = bill.format
    AND chosen.billing_account = bill.billing_account
    AND chosen.billing_period_start = bill.billing_period_start AND chosen.name = bill.name
ORDER BY bill.billing_account, bill.billing_period_start, bill.id;
