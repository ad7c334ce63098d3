-- root series: spans without a parent in buckets, by service, kind, scaling and bin of their duration. The
-- callee's half of a shared span has the caller's half for a parent. A sampled span stands for one in its
-- probability, held within what one call may stand for.
-- Parameters, written into the text so that row groups are skipped: from, to: whole numbers; step: length
-- of a bucket; server: condition on the service. Kinds: 2 server, 3 client, 4 producer, 5 consumer.
-- Order: by service, kind, scaling, bucket and bin.
WITH root AS (
    SELECT span.*, coalesce(span.sampling_probability > 0 AND span.sampling_probability <= 1, false)
        AS is_scaled
    FROM span
    ANTI JOIN span AS half
        ON half.trace_low = span.trace_low AND half.trace_high = span.trace_high
        AND half.span_id = span.span_id AND half.kind IN (3, 4) AND span.kind IN (2, 5)
    WHERE span.parent_id = 0 AND span.start_at >= $from AND span.start_at < $to
),
weighed AS (
    SELECT server.entity AS service, root.kind, root.is_scaled, root.is_error,
        root.start_at - (root.start_at % $step + $step) % $step AS bucket,
        CASE WHEN root.is_scaled
            THEN least(greatest(round(1 / root.sampling_probability), 1), 1000000)::UBIGINT
            ELSE 1::UBIGINT END AS weight,
        CASE WHEN root.end_at > root.start_at
            THEN ceil(ln((root.end_at - root.start_at) / 1e6) / ln(1.02::DOUBLE))::INTEGER
            ELSE -2147483648 END AS bin
    FROM root
    JOIN subject AS server ON server.id = root.subject
    WHERE $server
)
SELECT service, kind, is_scaled, bucket, bin, sum(weight)::UBIGINT AS requests,
    coalesce(sum(weight) FILTER (WHERE is_error), 0)::UBIGINT AS errors
FROM weighed
GROUP BY service, kind, is_scaled, bucket, bin
ORDER BY service, kind, is_scaled, bucket, bin;
