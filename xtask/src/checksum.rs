//! SHA-256 of files and of folders, in hexadecimal.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Checksum of one file's bytes.
pub fn of_file(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path).with_context(|| format!("open {}", path.display()))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
        }
    }
}

/// Checksum of a folder's file names and contents, in name order, without the folders and files
/// whose path relative to `folder` is in `left_out`.
pub fn of_folder(folder: &Path, left_out: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    collect(folder, folder, left_out, &mut files)?;
    files.sort();
    let mut hash = Sha256::new();
    for relative in files {
        hash.update(relative.to_string_lossy().as_bytes());
        hash.update([0]);
        hash.update(of_file(&folder.join(&relative))?.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// Every file below `folder`, relative to it, in name order.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, folder, &[], &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(top: &Path, folder: &Path, left_out: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let relative = path.strip_prefix(top)?.to_path_buf();
        if left_out.iter().any(|name| relative == Path::new(name)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(top, &path, left_out, files)?;
        } else {
            files.push(relative);
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;
    use sha2::{Digest, Sha256};

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn abc_has_the_published_checksum() {
        assert_eq!(
            hex(&Sha256::digest(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
