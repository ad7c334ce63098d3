-- Question: whose series and calls are held.
-- Parameters: none.
-- Order: by source and id.
SELECT DISTINCT rows.source, subject.canonical, subject.kind, subject.name
FROM (
    SELECT source, subject FROM series
    UNION
    SELECT 'calls', client FROM edge_minute
    UNION
    SELECT 'calls', server FROM edge_minute
) AS rows(source, subject)
JOIN subject ON subject.id = rows.subject
ORDER BY 1, 2;
