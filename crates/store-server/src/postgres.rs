//! Telemetry and records in PostgreSQL.
