-- Subjects as they were, of which the stage holds newer rows.
DELETE FROM subject WHERE id IN (SELECT id FROM stage_subject);
