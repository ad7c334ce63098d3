-- Subjects that stood for a staged one follow it. Parameters: none. Expects the index on entity.
UPDATE subject SET
    entity = staged.entity, canonical = staged.canonical, kind = staged.kind, name = staged.name,
    account = staged.account, region = staged.region, zone = staged.zone,
    cluster = staged.cluster, namespace = staged.namespace, environment = staged.environment,
    owner = staged.owner, application = staged.application
FROM stage_subject AS staged
WHERE subject.entity = staged.id
    AND NOT EXISTS (SELECT 1 FROM stage_subject AS other WHERE other.id = subject.id);
