-- Takes away minutes of another tool that a later count of it replaces; ties by the greater count.
-- Parameters: none.
DELETE FROM edge_minute USING stage_edge AS staged
WHERE edge_minute.origin <> '' AND edge_minute.origin = staged.origin
    AND edge_minute.client = staged.client AND edge_minute.server = staged.server
    AND edge_minute.operation = staged.operation AND edge_minute.instant = staged.instant
    AND edge_minute.is_asynchronous = staged.is_asynchronous
    AND edge_minute.is_scaled = staged.is_scaled
    AND (edge_minute.calls, edge_minute.errors, edge_minute.client_bins, edge_minute.server_bins)
        <> (staged.calls, staged.errors, staged.client_bins, staged.server_bins)
    AND (staged.observed_at > edge_minute.observed_at
        OR (staged.observed_at = edge_minute.observed_at
            AND (staged.calls, staged.errors, staged.client_bins, staged.server_bins)
                > (edge_minute.calls, edge_minute.errors, edge_minute.client_bins,
                    edge_minute.server_bins)));
