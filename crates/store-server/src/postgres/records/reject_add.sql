-- Rejects of an input. Parameters: intake, first: bigint, the number of the first; sources, locations,
-- reasons: text arrays; counts: bigint array.
INSERT INTO reject
SELECT $intake, $first + told.place - 1, told.source, told.location, told.reason, told.count
FROM unnest($sources::text[], $locations::text[], $reasons::text[], $counts::bigint[])
    WITH ORDINALITY AS told(source, location, reason, count, place);
