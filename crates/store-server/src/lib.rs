//! The seams on servers that an organisation already runs: entities and relations in Neo4j,
//! telemetry and records in PostgreSQL, with or without TimescaleDB.

pub mod neo4j;
pub mod postgres;
