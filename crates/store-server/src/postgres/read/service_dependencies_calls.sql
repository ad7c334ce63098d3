-- service_dependencies: calls over a window, by pair, way, source and scaling. Minutes paired from spans
-- are rows that add up, some of them negative; a minute that adds up to nothing has no calls. Of another
-- tool's counts none is a count.
-- Parameters: from, to: bigint. Expects the index on instant. Order: by client, server, way, scaling and
-- origin.
WITH minute AS (
    SELECT client.entity AS client, server.entity AS server, edge.is_asynchronous, edge.is_scaled,
        edge.origin, edge.instant, sum(edge.calls) AS calls, sum(edge.errors) AS errors
    FROM edge_minute AS edge
    JOIN subject AS client ON client.id = edge.client
    JOIN subject AS server ON server.id = edge.server
    WHERE edge.instant >= $from AND edge.instant < $to
    GROUP BY client.entity, server.entity, edge.is_asynchronous, edge.is_scaled, edge.origin,
        edge.instant
)
SELECT client, server, is_asynchronous, is_scaled, origin,
    greatest(sum(calls), 0)::bigint AS calls, greatest(sum(errors), 0)::bigint AS errors,
    min(instant) AS first, max(instant) AS last
FROM minute
WHERE calls > 0 OR origin <> ''
GROUP BY client, server, is_asynchronous, is_scaled, origin
ORDER BY client, server, is_asynchronous, is_scaled, origin;
