-- Subjects as they are now.
INSERT INTO subject SELECT * FROM stage_subject;
DELETE FROM stage_subject;
