// The graph of the estate. Uniqueness is what Community can hold a graph to.
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE;

CREATE CONSTRAINT write_number IF NOT EXISTS FOR (w:Write) REQUIRE w.number IS UNIQUE;

CREATE CONSTRAINT sequence_journal IF NOT EXISTS FOR (s:Sequence) REQUIRE s.journal IS UNIQUE;

CREATE CONSTRAINT counter_name IF NOT EXISTS FOR (c:Counter) REQUIRE c.name IS UNIQUE;

CREATE CONSTRAINT migration_number IF NOT EXISTS FOR (m:Migration) REQUIRE m.number IS UNIQUE;

// Serves: one entity by its canonical id, as a person or another tool knows it.
CREATE INDEX entity_canonical IF NOT EXISTS FOR (e:Entity) ON (e.canonical);

// Serves: entities by name.
CREATE INDEX entity_name IF NOT EXISTS FOR (e:Entity) ON (e.name);

// Serves: counts and lists of one kind.
CREATE INDEX entity_kind IF NOT EXISTS FOR (e:Entity) ON (e.kind);

// Serves: the history of one entity.
CREATE INDEX version_entity IF NOT EXISTS FOR (v:Version) ON (v.entity, v.observed_at);

// Serves: the writes since a number, in order.
CREATE INDEX write_rows IF NOT EXISTS FOR (p:WriteRows) ON (p.write, p.place);
