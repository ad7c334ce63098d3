//! Reports of security scanners, and lists of weaknesses.
#![no_main]

#[path = "../parser.rs"]
mod parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parser::feed("security", bytes));
