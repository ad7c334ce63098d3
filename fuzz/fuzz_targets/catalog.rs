//! OpenSLO objectives and Backstage catalogs.
#![no_main]

#[path = "../parser.rs"]
mod parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parser::feed("catalog", bytes));
