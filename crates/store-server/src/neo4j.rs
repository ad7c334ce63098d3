//! Entities and relations in Neo4j.
