-- cost_analysis: exact sums over the charges that count, by up to eight dimensions, in buckets of
-- time.
-- Parameters: from, to: bigint, start of the period, its end not included; until: bigint, latest end
-- of a charge; by_billing_period: boolean; step: text, `day`, `month` or empty; dimension1 …
-- dimension8: integer, position in `parts`, 0 for a tag or none; tag1 … tag8: text, the tag's name;
-- tags: text, every tag named, joined by U+001F; filters: text, positions joined by `,`, empty for
-- none; filter_tags, filter_values: text, one a filter, joined by U+001F, an empty value for absent;
-- account, region, cluster, namespace, environment, unit, org: text, values any of which must hold,
-- joined by U+001F, empty for all; with_items: boolean, whether quantities are summed and charges
-- longer than a day and a half are kept apart.
-- Expects charges in order of delivery. Order: by the dimensions, nulls first, currency, bucket.
WITH tagged AS (
    SELECT tagset, list(name ORDER BY name) AS names, list(value ORDER BY name) AS tag_values
    FROM charge_tag
    WHERE list_contains(string_split($tags, chr(31)), name)
    GROUP BY tagset
),
described AS (
    SELECT line.id, line.currency, line.billing_period_start,
        -- Positions as in `POSITIONS` of cost_analysis.rs.
        [line.provider, line.service, line.service_category, line.billing_account,
         line.sub_account, line.region, line.category, line.resource_id, line.resource_type,
         line.sku, line.pricing_category, line.commitment_status, subject.owner,
         subject.application, line.billing_period_start::VARCHAR, line.currency,
         line.commitment_id, line.frequency, line.class, line.unit, line.publisher,
         line.sub_account_name, line.operation] AS parts,
        tagged.names, tagged.tag_values
    FROM charge_line AS line
    LEFT JOIN tagged ON tagged.tagset = line.tagset
    LEFT JOIN subject ON subject.id = line.resource
    WHERE ($account = '' OR list_contains(string_split($account, chr(31)), line.sub_account))
        AND ($region = '' OR list_contains(string_split($region, chr(31)), line.region))
        AND ($cluster = '' OR list_contains(string_split($cluster, chr(31)), subject.cluster))
        AND ($namespace = ''
            OR list_contains(string_split($namespace, chr(31)), subject.namespace))
        AND ($environment = ''
            OR list_contains(string_split($environment, chr(31)), subject.environment))
        AND ($unit = ''
            OR list_contains(string_split($unit, chr(31)), subject.owner)
            OR list_contains(string_split($unit, chr(31)), subject.application))
        AND ($org = ''
            OR list_contains(string_split($org, chr(31)), subject.owner)
            OR list_contains(string_split($org, chr(31)), subject.application))
),
kept AS (
    SELECT id, billing_period_start, currency,
        CASE WHEN $dimension1 > 0 THEN parts[$dimension1]
            ELSE tag_values[list_position(names, $tag1)] END AS value1,
        CASE WHEN $dimension2 > 0 THEN parts[$dimension2]
            ELSE tag_values[list_position(names, $tag2)] END AS value2,
        CASE WHEN $dimension3 > 0 THEN parts[$dimension3]
            ELSE tag_values[list_position(names, $tag3)] END AS value3,
        CASE WHEN $dimension4 > 0 THEN parts[$dimension4]
            ELSE tag_values[list_position(names, $tag4)] END AS value4,
        CASE WHEN $dimension5 > 0 THEN parts[$dimension5]
            ELSE tag_values[list_position(names, $tag5)] END AS value5,
        CASE WHEN $dimension6 > 0 THEN parts[$dimension6]
            ELSE tag_values[list_position(names, $tag6)] END AS value6,
        CASE WHEN $dimension7 > 0 THEN parts[$dimension7]
            ELSE tag_values[list_position(names, $tag7)] END AS value7,
        CASE WHEN $dimension8 > 0 THEN parts[$dimension8]
            ELSE tag_values[list_position(names, $tag8)] END AS value8
    FROM described
    WHERE $filters = ''
        OR len(list_filter(
            range(1, len(string_split($filters, ',')) + 1),
            lambda slot:
                coalesce(
                    CASE WHEN string_split($filters, ',')[slot]::INTEGER > 0
                        THEN parts[string_split($filters, ',')[slot]::INTEGER]
                        ELSE tag_values[list_position(
                            names, string_split($filter_tags, chr(31))[slot])] END,
                    '') <> string_split($filter_values, chr(31))[slot]
        )) = 0
),
-- One small number for each combination, so that the many rows are grouped by integers.
combined AS MATERIALIZED (
    SELECT id, billing_period_start, currency, value1, value2, value3, value4, value5, value6,
        value7, value8,
        dense_rank() OVER (
            ORDER BY value1, value2, value3, value4, value5, value6, value7, value8, currency
        ) AS combination
    FROM kept
),
summed AS (
    SELECT combined.combination,
        CASE WHEN $step = '' THEN NULL
            WHEN $step = 'day' THEN
                CASE WHEN $by_billing_period THEN combined.billing_period_start
                    ELSE charge.start_at END // 86400000000 * 86400000000
            ELSE epoch_us(date_trunc('month', make_timestamp(
                CASE WHEN $by_billing_period THEN combined.billing_period_start
                    ELSE charge.start_at END))) END AS bucket,
        $with_items AND charge.end_at - charge.start_at > 129600000000 AS is_long,
        count(*) AS rows,
        sum(charge.billed) AS billed, count(charge.billed) AS billed_rows,
        sum(charge.effective) AS effective, count(charge.effective) AS effective_rows,
        sum(charge.list) AS list, count(charge.list) AS list_rows,
        sum(charge.contracted) AS contracted, count(charge.contracted) AS contracted_rows,
        min(charge.start_at) AS first, max(charge.end_at) AS last,
        sum(charge.quantity) FILTER (WHERE $with_items) AS quantity,
        count(charge.quantity) FILTER (WHERE $with_items) AS quantity_rows,
        sum(coalesce(charge.contracted, charge.list)) FILTER (WHERE $with_items) AS before,
        count(coalesce(charge.contracted, charge.list)) FILTER (WHERE $with_items) AS before_rows,
        count(charge.list) FILTER (WHERE $with_items AND charge.contracted IS NULL) AS list_used
    FROM charge
    JOIN combined ON combined.id = charge.line
    WHERE charge.bill IN (SELECT id FROM bill WHERE state = 'counted')
        AND charge.end_at <= $until
        AND CASE WHEN $by_billing_period THEN combined.billing_period_start
            ELSE charge.start_at END >= $from
        AND CASE WHEN $by_billing_period THEN combined.billing_period_start
            ELSE charge.start_at END < $to
    GROUP BY combined.combination, bucket, is_long
)
SELECT summed.bucket, named.currency, summed.rows, summed.billed, summed.billed_rows,
    summed.effective, summed.effective_rows, summed.list, summed.list_rows, summed.contracted,
    summed.contracted_rows, summed.first, summed.last,
    named.value1, named.value2, named.value3, named.value4, named.value5, named.value6,
    named.value7, named.value8, summed.is_long, summed.quantity, summed.quantity_rows,
    summed.before, summed.before_rows, summed.list_used
FROM summed
JOIN (
    SELECT combination, any_value(currency) AS currency, any_value(value1) AS value1,
        any_value(value2) AS value2, any_value(value3) AS value3, any_value(value4) AS value4,
        any_value(value5) AS value5, any_value(value6) AS value6, any_value(value7) AS value7,
        any_value(value8) AS value8
    FROM combined
    GROUP BY combination
) AS named ON named.combination = summed.combination
ORDER BY named.value1 NULLS FIRST, named.value2 NULLS FIRST, named.value3 NULLS FIRST,
    named.value4 NULLS FIRST, named.value5 NULLS FIRST, named.value6 NULLS FIRST,
    named.value7 NULLS FIRST, named.value8 NULLS FIRST, named.currency,
    summed.bucket NULLS FIRST, summed.is_long;
