//! The seams on servers that an organisation already runs: entities and relations in Neo4j,
//! telemetry and records in PostgreSQL, with or without TimescaleDB, what replicas share in Redis; and the
//! graph that Cartography keeps, which is only read.

mod breaker;
pub mod cartography;
pub mod neo4j;
pub mod postgres;
pub mod redis;
