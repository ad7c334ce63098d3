-- Subjects that stand for another entity. Parameters: none. Order: none.
SELECT id, entity FROM subject WHERE entity <> id;
