//! Files of OTLP messages.
#![no_main]

#[path = "../parser.rs"]
mod parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parser::feed("otlp_file", bytes));
