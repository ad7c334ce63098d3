-- Subjects that stand for a staged one, as that one is now. Order: the later of one id within the stage
-- does not occur.
UPDATE subject SET
    entity = staged.entity, canonical = staged.canonical, kind = staged.kind, name = staged.name,
    account = staged.account, region = staged.region, zone = staged.zone,
    cluster = staged.cluster, namespace = staged.namespace, environment = staged.environment,
    owner = staged.owner, application = staged.application
FROM stage_subject AS staged
WHERE subject.entity = staged.id
    AND subject.id NOT IN (SELECT id FROM stage_subject);
