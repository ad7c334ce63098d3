//! What benchmarks share: the program under test, the large estate as graphs, the series load in two
//! stores, percentiles, and the machine's own words.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

pub mod compare_load;
pub mod evaluation;
pub mod large_files;
pub mod large_graph;
pub mod machine;
pub mod percentile;
pub mod program;
pub mod series_load;
pub mod series_rows;
