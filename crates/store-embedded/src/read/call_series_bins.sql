-- call series: durations of calls in buckets by bin, for callers and for callees.
-- Parameters, written into the text so that row groups are skipped: from, to: whole numbers; step: length
-- of a bucket; client, server: conditions on the two ends. Expects minutes in order of time.
-- Order: by client, server, way, scaling, origin, bucket, end and bin.
WITH edge AS (
    SELECT client.entity AS client, server.entity AS server, edge.is_asynchronous, edge.is_scaled,
        edge.origin, edge.instant - (edge.instant % $step + $step) % $step AS bucket,
        edge.client_bins, edge.server_bins
    FROM edge_minute AS edge
    JOIN subject AS client ON client.id = edge.client
    JOIN subject AS server ON server.id = edge.server
    WHERE edge.instant >= $from AND edge.instant < $to AND $client AND $server
),
piece AS (
    SELECT client, server, is_asynchronous, is_scaled, origin, bucket, true AS is_client,
        unnest(string_split(client_bins, ' ')) AS piece
    FROM edge WHERE client_bins <> ''
    UNION ALL
    SELECT client, server, is_asynchronous, is_scaled, origin, bucket, false,
        unnest(string_split(server_bins, ' '))
    FROM edge WHERE server_bins <> ''
),
bin AS (
    SELECT client, server, is_asynchronous, is_scaled, origin, bucket, is_client,
        split_part(piece, ':', 1)::INTEGER AS bin, sum(split_part(piece, ':', 2)::BIGINT) AS count
    FROM piece
    GROUP BY ALL
)
SELECT client, server, is_asynchronous, is_scaled, origin, bucket, is_client, bin,
    count::UBIGINT AS count
FROM bin
WHERE count > 0
ORDER BY client, server, is_asynchronous, is_scaled, origin, bucket, is_client, bin;
