-- savings_candidates: exact sums over the charges that count, by resource and kind of usage.
-- Parameters: from, to: bigint, start of the period, its end not included; until: bigint, latest end
-- of a charge; org: text, units any of which must hold, joined by U+001F, empty for all; limit: bigint.
-- Expects charges in order of delivery. Order: by resource, service, sku, description and the rest.
WITH line AS (
    SELECT line.id, now.canonical AS entity, line.resource_id,
        coalesce(line.sub_account, line.billing_account) AS account, line.region, line.service,
        line.sku, line.operation, line.description, line.unit, line.category,
        line.pricing_category, line.commitment_id, line.commitment_status, line.currency
    FROM charge_line AS line
    LEFT JOIN subject ON subject.id = line.resource
    LEFT JOIN subject AS now ON now.id = subject.entity
    WHERE $org = ''
        OR list_contains(string_split($org, chr(31)), now.owner)
        OR list_contains(string_split($org, chr(31)), now.application)
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
    sum(summed.rows)::UBIGINT, sum(summed.billed)::DECIMAL(38, 18),
    sum(summed.billed_rows)::UBIGINT, sum(summed.effective)::DECIMAL(38, 18),
    sum(summed.effective_rows)::UBIGINT, sum(summed.list)::DECIMAL(38, 18),
    sum(summed.list_rows)::UBIGINT, sum(summed.contracted)::DECIMAL(38, 18),
    sum(summed.contracted_rows)::UBIGINT, sum(summed.quantity)::DECIMAL(38, 18),
    sum(summed.quantity_rows)::UBIGINT, min(summed.first), max(summed.last)
FROM summed
JOIN line ON line.id = summed.line
GROUP BY ALL
ORDER BY ALL
LIMIT $limit;
