//! The manifest beside a folder of files.
#![no_main]

#[path = "../parser.rs"]
mod parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parser::feed("manifest", bytes));
