//! Writes the demonstration estate to a folder: `larkfield FOLDER [SEED] [UNTIL] [small|demo|full]`.
//! The order of inputs goes to `FOLDER.plan.json`, beside the folder.

use std::path::PathBuf;

use scenario::{Options, Size};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name the folder to write to")?);
    let seed = arguments.next().map_or(Ok(1), |s| s.parse())?;
    let until = arguments.next().map_or(Ok(jiff::Timestamp::now()), |s| s.parse())?;
    let size = match arguments.next().as_deref() {
        Some("small") => Size::small(),
        Some("full") => Size::full(),
        _ => Size::demo(),
    };
    let written = scenario::write(&folder, &Options { seed, size, ..Options::demo(until) })?;
    let mut beside = folder.into_os_string();
    beside.push(".plan.json");
    serde_json::to_writer_pretty(std::fs::File::create(beside)?, &written)?;
    Ok(())
}
