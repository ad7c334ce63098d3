//! The tests live in tests/it.rs.
