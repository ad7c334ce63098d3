-- cost_cube: what charges have in common, with whose their resource is and where it stands.
-- Parameters: none. Order: none. Columns from the fourth on as `POSITIONS` of cost_analysis.rs counts them,
-- then the place of the resource.
SELECT line.id, line.billing_period_start, line.tagset,
    line.provider, line.service, line.service_category, line.billing_account, line.sub_account,
    line.region, line.category, line.resource_id, line.resource_type, line.sku,
    line.pricing_category, line.commitment_status, subject.owner, subject.application,
    line.billing_period_start::VARCHAR AS billing_period, line.currency, line.commitment_id,
    line.frequency, line.class, line.unit, line.publisher, line.sub_account_name, line.operation,
    subject.cluster, subject.namespace, subject.environment
FROM charge_line AS line
LEFT JOIN subject ON subject.id = line.resource;
