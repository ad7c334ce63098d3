-- Takes away minutes of another tool that a later count of it replaces; ties by the greater count.
-- Parameters: none. Expects the index on client, server and instant.
DELETE FROM edge_minute AS held USING stage_edge AS staged
WHERE held.origin <> '' AND held.origin = staged.origin
    AND held.client = staged.client AND held.server = staged.server
    AND held.operation = staged.operation AND held.instant = staged.instant
    AND held.is_asynchronous = staged.is_asynchronous AND held.is_scaled = staged.is_scaled
    AND (held.calls, held.errors, held.client_bins, held.server_bins)
        <> (staged.calls, staged.errors, staged.client_bins, staged.server_bins)
    AND (staged.observed_at > held.observed_at
        OR (staged.observed_at = held.observed_at
            AND (staged.calls, staged.errors, staged.client_bins, staged.server_bins)
                > (held.calls, held.errors, held.client_bins, held.server_bins)));
