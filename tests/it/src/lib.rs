//! Contract, acceptance and fault tests over the stores; they are in `tests/it.rs`.
