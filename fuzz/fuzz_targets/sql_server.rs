//! SQL Server counters and waits.
#![no_main]

#[path = "../parser.rs"]
mod parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parser::feed("sql_server", bytes));
