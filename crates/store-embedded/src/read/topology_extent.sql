-- Question: which is the last row of each table of the topology.
-- Parameters: none.
-- Order: any. Reads the rowids of every table, nothing else.
SELECT 'write', max(rowid) FROM topology.write
UNION ALL SELECT 'entity', max(rowid) FROM topology.entity
UNION ALL SELECT 'merge', max(rowid) FROM topology.merge
UNION ALL SELECT 'version', max(rowid) FROM topology.version
UNION ALL SELECT 'run', max(rowid) FROM topology.run
UNION ALL SELECT 'claim', max(rowid) FROM topology.claim
UNION ALL SELECT 'relation', max(rowid) FROM topology.relation
UNION ALL SELECT 'reference', max(rowid) FROM topology.reference
UNION ALL SELECT 'retirement', max(rowid) FROM topology.retirement
UNION ALL SELECT 'held', max(rowid) FROM topology.held
UNION ALL SELECT 'ownership', max(rowid) FROM topology.ownership;
