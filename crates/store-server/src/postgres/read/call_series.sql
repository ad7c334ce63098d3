-- call series: calls in buckets, by pair, way, source and scaling. Minutes paired from spans are rows that
-- add up, some of them negative; a bucket that adds up to nothing has no calls. Of another tool's counts
-- none is a count.
-- Parameters: from, to: bigint; step: bigint, length of a bucket; clients, servers: bigint arrays, ids of
-- the two ends, empty for all. Expects the index on instant.
-- Order: by client, server, way, scaling, origin and bucket.
WITH edge AS (
    SELECT client.entity AS client, server.entity AS server, edge.is_asynchronous, edge.is_scaled,
        edge.origin, edge.instant - (edge.instant % $step + $step) % $step AS bucket,
        edge.calls, edge.errors
    FROM edge_minute AS edge
    JOIN subject AS client ON client.id = edge.client
    JOIN subject AS server ON server.id = edge.server
    WHERE edge.instant >= $from AND edge.instant < $to
        AND (cardinality($clients::bigint[]) = 0 OR client.entity = ANY($clients))
        AND (cardinality($servers::bigint[]) = 0 OR server.entity = ANY($servers))
)
SELECT client, server, is_asynchronous, is_scaled, origin, bucket,
    greatest(sum(calls), 0)::bigint AS calls, greatest(sum(errors), 0)::bigint AS errors
FROM edge
GROUP BY client, server, is_asynchronous, is_scaled, origin, bucket
HAVING sum(calls) > 0 OR origin <> ''
ORDER BY client, server, is_asynchronous, is_scaled, origin, bucket;
