-- service_dependencies: durations of calls over a window by bin, for callers and for callees.
-- Parameters: from, to: bigint. Expects the index on instant. Order: by client, server, way, scaling,
-- origin, end and bin.
WITH edge AS (
    SELECT client.entity AS client, server.entity AS server, edge.is_asynchronous, edge.is_scaled,
        edge.origin, edge.client_bins, edge.server_bins
    FROM edge_minute AS edge
    JOIN subject AS client ON client.id = edge.client
    JOIN subject AS server ON server.id = edge.server
    WHERE edge.instant >= $from AND edge.instant < $to
),
piece AS (
    SELECT client, server, is_asynchronous, is_scaled, origin, true AS is_client,
        unnest(string_to_array(client_bins, ' ')) AS piece
    FROM edge WHERE client_bins <> ''
    UNION ALL
    SELECT client, server, is_asynchronous, is_scaled, origin, false,
        unnest(string_to_array(server_bins, ' '))
    FROM edge WHERE server_bins <> ''
),
bin AS (
    SELECT client, server, is_asynchronous, is_scaled, origin, is_client,
        split_part(piece, ':', 1)::integer AS bin, sum(split_part(piece, ':', 2)::bigint) AS count
    FROM piece
    GROUP BY client, server, is_asynchronous, is_scaled, origin, is_client,
        split_part(piece, ':', 1)::integer
)
SELECT client, server, is_asynchronous, is_scaled, origin, is_client, bin, count::bigint AS count
FROM bin
WHERE count > 0
ORDER BY client, server, is_asynchronous, is_scaled, origin, is_client, bin;
