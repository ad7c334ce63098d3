//! `cargo xtask evaluate`: how often the cause is among the suspects on real faults, and the score of the
//! anomaly detector, with published figures beside. `--list` shows each fault, `--data PATH` says where
//! the data are (`../shared/data`).
#![expect(clippy::print_stdout, reason = "an evaluation prints what it found")]

use std::path::{Path, PathBuf};

use anyhow::Result;
use bench::evaluation::{boutique, nab, petshop};
use bench::machine;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_listed = args.iter().any(|arg| arg == "--list");
    let given = args.iter().position(|arg| arg == "--data").and_then(|at| args.get(at + 1));
    let data = given.map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    machine::print();
    let has = |folder: &str| {
        let is_there = data.join(folder).is_dir();
        if !is_there {
            println!("skipped: there is no {}", Path::new(&data).join(folder).display());
        }
        is_there
    };
    if has(boutique::FOLDER) {
        let both = boutique::run(&data, true, is_listed)?;
        let metrics = boutique::run(&data, false, is_listed)?;
        boutique::print(&[
            ("suspects, metrics and one minute of traces", both),
            ("suspects, metrics alone", metrics),
        ]);
    }
    if has(petshop::FOLDER) {
        petshop::print(&petshop::run(&data, is_listed)?);
    }
    if has(nab::FOLDER) {
        nab::print(&nab::run(&data)?);
    }
    Ok(())
}
