-- cost_analysis: the deliveries held, with the sum of the billed cost by currency. Parameters: none.
-- Order: newest period first, then account, format, export and name; then currency.
WITH billed AS (
    SELECT charge.bill, line.currency, sum(charge.billed) AS billed, count(charge.billed) AS rows
    FROM charge JOIN charge_line AS line ON line.id = charge.line
    GROUP BY charge.bill, line.currency
)
SELECT bill.id, bill.format, bill.billing_account, bill.billing_period_start, bill.name,
    bill.exported_at, bill.rows, bill.state, bill.reason, billed.currency, billed.billed,
    billed.rows
FROM bill
LEFT JOIN billed ON billed.bill = bill.id
ORDER BY bill.billing_period_start DESC, bill.billing_account, bill.format, bill.exported_at,
    bill.name, bill.id, billed.currency;
