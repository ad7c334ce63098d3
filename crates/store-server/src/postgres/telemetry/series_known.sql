-- The series held of the staged names: of several the first. Parameters: none. Expects the index on
-- name_hash. Order: none.
SELECT staged.place, coalesce(whose.entity, staged.subject) AS entity, found.id, found.description
FROM stage_series AS staged
LEFT JOIN subject AS whose ON whose.id = staged.subject
LEFT JOIN LATERAL (
    SELECT series.id, series.description
    FROM series
    LEFT JOIN subject AS held ON held.id = series.subject
    WHERE series.name_hash = staged.name_hash
        AND coalesce(held.entity, series.subject) = coalesce(whose.entity, staged.subject)
    ORDER BY series.id
    LIMIT 1
) AS found ON true;
