-- service_dependencies: spans without a parent that start in a window, by service, kind, scaling and bin
-- of their duration. The callee's half of a shared span has the caller's half for a parent. A sampled span
-- stands for one in its probability, held within what one call may stand for.
-- Parameters: from, to: bigint. Kinds: 2 server, 3 client, 4 producer, 5 consumer. Expects the index on
-- start_at. Order: by service, kind, scaling and bin.
WITH root AS (
    SELECT span.subject, span.kind, span.is_error, span.start_at, span.end_at,
        span.sampling_probability,
        coalesce(span.sampling_probability > 0 AND span.sampling_probability <= 1, false)
            AS is_scaled
    FROM span
    WHERE span.parent_id = '\x0000000000000000' AND span.start_at >= $from AND span.start_at < $to
        AND NOT EXISTS (
            SELECT 1 FROM span AS half
            WHERE half.trace_id = span.trace_id AND half.span_id = span.span_id
                AND half.kind IN (3, 4) AND span.kind IN (2, 5))
),
weighed AS (
    SELECT subject.entity AS service, root.kind, root.is_scaled, root.is_error,
        CASE WHEN root.is_scaled
            THEN least(greatest(floor(1 / root.sampling_probability + 0.5), 1), 1000000)::bigint
            ELSE 1 END AS weight,
        (CASE WHEN root.end_at > root.start_at
            THEN ceil(ln((root.end_at - root.start_at)::float8 / 1e6::float8) / ln(1.02::float8))
            ELSE -2147483648 END)::integer AS bin
    FROM root
    JOIN subject ON subject.id = root.subject
)
SELECT service, kind, is_scaled, bin, sum(weight)::bigint AS requests,
    coalesce(sum(weight) FILTER (WHERE is_error), 0)::bigint AS errors
FROM weighed
GROUP BY service, kind, is_scaled, bin
ORDER BY service, kind, is_scaled, bin;
