// Question: what did each source say about one entity, newest first.
// Parameters: ids (LIST of INTEGER) of the entity and its redirects; at (INTEGER, microseconds), latest
//   instant; limit (INTEGER).
// Order: observation time, newest first; ties by source and fingerprint. Uses the index on entity and
// time.
UNWIND $ids AS id
MATCH (v:Version {entity: id})
WHERE v.observed_at <= $at
RETURN v.source, v.observed_at, v.labels, v.properties
ORDER BY v.observed_at DESC, v.source, v.fingerprint DESC
LIMIT $limit
