//! The seams on servers that an organisation already runs: entities and relations in Neo4j,
//! telemetry and records in PostgreSQL, with or without TimescaleDB; and the graph that Cartography keeps,
//! which is only read.

pub mod cartography;
pub mod neo4j;
pub mod postgres;
