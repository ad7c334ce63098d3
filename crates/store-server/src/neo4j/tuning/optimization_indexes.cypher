// optimization: indexes with what they are of, their use and how they are made.
// Parameters: none. Order: by name. Reads the schema only.
SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint, readCount,
    trackedSince, state, createStatement
WHERE entityType = 'NODE' AND type <> 'LOOKUP'
RETURN name, labelsOrTypes, properties, type, owningConstraint, readCount, createStatement, state,
    trackedSince.epochSeconds
ORDER BY name
