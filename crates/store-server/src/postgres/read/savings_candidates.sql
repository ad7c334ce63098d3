-- savings_candidates: exact sums over the charges that count, by resource and kind of usage.
-- Parameters: from, to: bigint, start of the period, its end not included; until: bigint, latest end
-- of a charge; org: text array, units any of which must hold, empty for all; limit: bigint.
-- Expects the index on bill and start_at. Order: by resource, service, sku, description and the rest.
WITH line AS (
    SELECT line.id, now.canonical AS entity, line.resource_id,
        coalesce(line.sub_account, line.billing_account) AS account, line.region, line.service,
        line.sku, line.operation, line.description, line.unit, line.category,
        line.pricing_category, line.commitment_id, line.commitment_status, line.currency
    FROM charge_line AS line
    LEFT JOIN subject ON subject.id = line.resource
    LEFT JOIN subject AS now ON now.id = subject.entity
    WHERE cardinality($org::text[]) = 0 OR now.owner = ANY($org) OR now.application = ANY($org)
),
summed AS (
    SELECT charge.line, count(*) AS rows,
        sum(charge.billed) AS billed, count(charge.billed) AS billed_rows,
        sum(charge.effective) AS effective, count(charge.effective) AS effective_rows,
        sum(charge.list) AS list, count(charge.list) AS list_rows,
        sum(charge.contracted) AS contracted, count(charge.contracted) AS contracted_rows,
        sum(charge.quantity) AS quantity, count(charge.quantity) AS quantity_rows,
        min(charge.start_at) AS first, max(charge.end_at) AS last
    FROM charge
    WHERE charge.bill IN (SELECT id FROM bill WHERE state = 'counted')
        AND charge.end_at <= $until AND charge.start_at >= $from AND charge.start_at < $to
    GROUP BY charge.line
)
SELECT line.entity, line.resource_id, line.account, line.region, line.service, line.sku,
    line.operation, line.description, line.unit, line.category, line.pricing_category,
    line.commitment_id, line.commitment_status, line.currency,
    sum(summed.rows)::bigint, sum(summed.billed), sum(summed.billed_rows)::bigint,
    sum(summed.effective), sum(summed.effective_rows)::bigint, sum(summed.list),
    sum(summed.list_rows)::bigint, sum(summed.contracted), sum(summed.contracted_rows)::bigint,
    sum(summed.quantity), sum(summed.quantity_rows)::bigint, min(summed.first), max(summed.last)
FROM summed
JOIN line ON line.id = summed.line
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
LIMIT $limit;
