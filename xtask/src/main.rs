//! The repository's commands: `cargo xtask <command>`. Each command is one file of this crate.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

mod bench;
mod checksum;
mod demo;
mod dist;
mod doctor;
mod evaluate;
mod fuzz;
mod guard;
mod job;
mod paths;
mod requirement;
mod server;
mod servers;
mod setup;
mod soak;
mod system_package;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  setup             put the DuckDB library in place and build the dashboard
  doctor            say what is there, what is missing and what would be done
  demo [ARGS]       build everything and run `ubiquitous demo ARGS`
  test [FILTER]     format, lints and every test; FILTER keeps tests by name
                    --servers   with a filter, also start Neo4j, PostgreSQL and Redis for the tests
  bench [NAME]      list the benchmarks, or run one
                    --servers   also start Neo4j, PostgreSQL and Redis for it
  evaluate          how often causes and anomalies are found on real faults
                    --list      show each fault; --data PATH says where the data are
  servers           start Neo4j, PostgreSQL and Redis, print their addresses, wait for Ctrl-C
  soak [--kills N]  kill the program N times during ingest (100; 5 under CI)
  fuzz [SECONDS]    fuzz each parser for SECONDS (60); on stable with blindly mutated seeds
  dist              make and try the distributable archive
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    if command == guard::COMMAND {
        return guard::main(rest);
    }
    job::install_interrupt_handler();
    let outcome = match command.as_str() {
        "setup" => setup::main(rest),
        "doctor" => doctor::main(rest),
        "demo" => demo::main(rest),
        "test" => test::main(rest),
        "bench" => bench::main(rest),
        "evaluate" => evaluate::main(rest),
        "servers" => servers::main(rest),
        "soak" => soak::main(rest),
        "fuzz" => fuzz::main(rest),
        "dist" => dist::main(rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => {
            eprint!("xtask: unknown command `{other}`\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<job::Interrupted>() => {
            eprintln!("xtask: interrupted; everything it started has ended");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
