-- service_dependencies: what became of callers' requests in which calls failed, over a window, by pair.
-- Rows add up, some of them negative. Parameters: from, to: bigint. Expects the index on instant. Order: by
-- client and server.
SELECT client.entity AS client, server.entity AS server, sum(outcome.failures)::bigint AS failures,
    greatest(sum(outcome.requests), 0)::bigint AS requests,
    greatest(sum(outcome.survived), 0)::bigint AS survived
FROM call_outcome AS outcome
JOIN subject AS client ON client.id = outcome.client
JOIN subject AS server ON server.id = outcome.server
WHERE outcome.instant >= $from AND outcome.instant < $to
GROUP BY client.entity, server.entity
HAVING sum(outcome.failures) > 0
ORDER BY client.entity, server.entity;
