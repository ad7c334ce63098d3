-- Subjects as they are now. Parameters: none. Expects the key of subject.
INSERT INTO subject SELECT * FROM stage_subject
ON CONFLICT (id) DO UPDATE SET
    entity = excluded.entity, canonical = excluded.canonical, kind = excluded.kind,
    name = excluded.name, account = excluded.account, region = excluded.region,
    zone = excluded.zone, cluster = excluded.cluster, namespace = excluded.namespace,
    environment = excluded.environment, owner = excluded.owner,
    application = excluded.application;
