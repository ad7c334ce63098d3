-- cost_analysis: exact sums over the charges that count, by up to eight dimensions, in buckets of
-- time.
-- Parameters: from, to: bigint, start of the period, its end not included; until: bigint, latest end
-- of a charge; by_billing_period: boolean; step: text, `day`, `month` or empty; dimensions: integer
-- array of eight, positions in `parts`, 0 for a tag or none; dimension_tags: text array of eight, the
-- tags' names; tags: text array, every tag named; filters: integer array, positions, empty for none;
-- filter_tags, filter_values: text arrays, one a filter, an empty value for absent; account, region,
-- cluster, namespace, environment, unit, org: text arrays, values any of which must hold, empty for
-- all; with_items: boolean, whether quantities are summed and charges longer than a day and a half are
-- kept apart.
-- Expects the index on bill and start_at. Order: by the dimensions, nulls first, currency, bucket.
WITH tagged AS (
    SELECT tagset, array_agg(name ORDER BY name) AS names, array_agg(value ORDER BY name) AS tag_values
    FROM charge_tag
    WHERE name = ANY($tags::text[])
    GROUP BY tagset
),
described AS (
    SELECT line.id, line.currency, line.billing_period_start,
        -- Positions as in `POSITIONS` of cost_analysis.rs.
        ARRAY[line.provider, line.service, line.service_category, line.billing_account,
         line.sub_account, line.region, line.category, line.resource_id, line.resource_type,
         line.sku, line.pricing_category, line.commitment_status, subject.owner,
         subject.application, line.billing_period_start::text, line.currency,
         line.commitment_id, line.frequency, line.class, line.unit, line.publisher,
         line.sub_account_name, line.operation] AS parts,
        tagged.names, tagged.tag_values
    FROM charge_line AS line
    LEFT JOIN tagged ON tagged.tagset = line.tagset
    LEFT JOIN subject ON subject.id = line.resource
    WHERE (cardinality($account::text[]) = 0 OR line.sub_account = ANY($account))
        AND (cardinality($region::text[]) = 0 OR line.region = ANY($region))
        AND (cardinality($cluster::text[]) = 0 OR subject.cluster = ANY($cluster))
        AND (cardinality($namespace::text[]) = 0 OR subject.namespace = ANY($namespace))
        AND (cardinality($environment::text[]) = 0 OR subject.environment = ANY($environment))
        AND (cardinality($unit::text[]) = 0
            OR subject.owner = ANY($unit) OR subject.application = ANY($unit))
        AND (cardinality($org::text[]) = 0
            OR subject.owner = ANY($org) OR subject.application = ANY($org))
),
kept AS (
    SELECT id, billing_period_start, currency,
        (SELECT array_agg(
            CASE WHEN asked.place > 0 THEN parts[asked.place]
                ELSE tag_values[array_position(names, asked.tag COLLATE "C")] END
            ORDER BY asked.slot)
        FROM unnest($dimensions::integer[], $dimension_tags::text[])
            WITH ORDINALITY AS asked(place, tag, slot)) AS value
    FROM described
    WHERE NOT EXISTS (
        SELECT 1
        FROM unnest($filters::integer[], $filter_tags::text[], $filter_values::text[])
            AS wanted(place, tag, value)
        WHERE coalesce(
            CASE WHEN wanted.place > 0 THEN parts[wanted.place]
                ELSE tag_values[array_position(names, wanted.tag COLLATE "C")] END,
            '') <> wanted.value COLLATE "C"
    )
),
-- One small number for each combination, so that the many rows are grouped by integers.
combined AS MATERIALIZED (
    SELECT id, billing_period_start, currency, value,
        dense_rank() OVER (ORDER BY value, currency) AS combination
    FROM kept
),
summed AS (
    SELECT combined.combination,
        CASE WHEN $step = '' THEN NULL
            WHEN $step = 'day' THEN
                CASE WHEN $by_billing_period THEN combined.billing_period_start
                    ELSE charge.start_at END / 86400000000 * 86400000000
            ELSE (extract(epoch FROM date_trunc('month', timestamp '1970-01-01'
                + CASE WHEN $by_billing_period THEN combined.billing_period_start
                    ELSE charge.start_at END * interval '1 microsecond')) * 1000000)::bigint
            END AS bucket,
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
    summed.contracted_rows, summed.first, summed.last, named.value, summed.is_long,
    summed.quantity, summed.quantity_rows, summed.before, summed.before_rows, summed.list_used
FROM summed
JOIN (
    SELECT DISTINCT ON (combination) combination, currency, value FROM combined
    ORDER BY combination
) AS named ON named.combination = summed.combination
ORDER BY named.value[1] NULLS FIRST, named.value[2] NULLS FIRST, named.value[3] NULLS FIRST,
    named.value[4] NULLS FIRST, named.value[5] NULLS FIRST, named.value[6] NULLS FIRST,
    named.value[7] NULLS FIRST, named.value[8] NULLS FIRST, named.currency,
    summed.bucket NULLS FIRST, summed.is_long;
