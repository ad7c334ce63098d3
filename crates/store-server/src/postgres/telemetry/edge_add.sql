-- Staged minutes of another tool of which none is held. Parameters: none. Expects the index on client,
-- server and instant.
INSERT INTO edge_minute
SELECT staged.* FROM stage_edge AS staged
WHERE NOT EXISTS (
    SELECT 1 FROM edge_minute AS held
    WHERE held.origin <> '' AND held.origin = staged.origin AND held.client = staged.client
        AND held.server = staged.server AND held.operation = staged.operation
        AND held.instant = staged.instant AND held.is_asynchronous = staged.is_asynchronous
        AND held.is_scaled = staged.is_scaled
);
