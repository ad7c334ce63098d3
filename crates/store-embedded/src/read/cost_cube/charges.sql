-- cost_cube: the charges that count, summed by line, day of their start in UTC, and whether they are longer
-- than a day and a half. Parameters: from, to: bigint, start of a charge, its end not included. Order: by day.
SELECT charge.line, charge.start_at // 86400000000 AS day,
    charge.end_at - charge.start_at > 129600000000 AS is_long, count(*) AS rows,
    min(charge.start_at) AS first, max(charge.end_at) AS last,
    sum(charge.billed) AS billed, count(charge.billed) AS billed_rows,
    sum(charge.effective) AS effective, count(charge.effective) AS effective_rows,
    sum(charge.list) AS list, count(charge.list) AS list_rows,
    sum(charge.contracted) AS contracted, count(charge.contracted) AS contracted_rows,
    sum(charge.quantity) AS quantity, count(charge.quantity) AS quantity_rows,
    sum(coalesce(charge.contracted, charge.list)) AS before,
    count(coalesce(charge.contracted, charge.list)) AS before_rows,
    count(charge.list) FILTER (WHERE charge.contracted IS NULL) AS list_used
FROM charge
WHERE charge.bill IN (SELECT id FROM bill WHERE state = 'counted')
    AND charge.start_at >= $from AND charge.start_at < $to
GROUP BY charge.line, day, is_long
ORDER BY day;
