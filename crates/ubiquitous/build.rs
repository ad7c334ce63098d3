//! Embeds the dashboard's build, `web/dist`, into the program, each file also compressed. Without a
//! build the list is empty and the program serves one page that names the command.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let dist = manifest.join("../../web/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.is_dir() {
        walk(&dist, &mut files)?;
    }
    files.sort();
    let mut list = String::from("&[\n");
    for (position, file) in files.iter().enumerate() {
        println!("cargo:rerun-if-changed={}", file.display());
        let bytes = fs::read(file)?;
        let packed = out.join(format!("asset-{position}.gz"));
        let mut encoder =
            flate2::write::GzEncoder::new(fs::File::create(&packed)?, flate2::Compression::best());
        encoder.write_all(&bytes)?;
        encoder.finish()?;
        let name = file.strip_prefix(&dist).map_err(io::Error::other)?.to_string_lossy();
        let name = name.replace('\\', "/");
        let file = file.canonicalize()?;
        let _ = writeln!(
            list,
            "Asset {{ path: {name:?}, bytes: include_bytes!({file:?}), gzip: include_bytes!({packed:?}) }},"
        );
    }
    list.push(']');
    fs::write(out.join("assets.rs"), list)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
