//! What one store holds the other knows.

pub mod batches_in_one_store;
pub mod entity_without_telemetry;
pub mod telemetry_without_entity;
