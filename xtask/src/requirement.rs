//! What the commands need from the machine: how each is looked for and what remedies its absence.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::job::first_line;
use crate::server::redis;

/// Something a command needs and does not build itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Requirement {
    /// The toolchain of `rust-toolchain.toml`.
    Rust,
    /// A linker for Rust programs.
    Linker,
    /// Node and npm, for the dashboard and for the DuckDB package.
    Node,
    /// Java 17 or later, for Neo4j.
    Java,
    /// Maven, which fetches Neo4j.
    Maven,
    /// PostgreSQL's server programs.
    Postgres,
    /// Redis' server program.
    Redis,
    /// The browser of the browser tests.
    Chromium,
}

/// Every requirement, in the order `doctor` shows them.
pub const ALL: &[Requirement] = &[
    Requirement::Rust,
    Requirement::Linker,
    Requirement::Node,
    Requirement::Java,
    Requirement::Maven,
    Requirement::Postgres,
    Requirement::Redis,
    Requirement::Chromium,
];

/// Oldest Node that builds the dashboard: (major, minor).
const NODE_MIN: (u32, u32) = (20, 19);

/// Oldest Java that runs Neo4j 5.
const JAVA_MIN: u32 = 17;

impl Requirement {
    /// Its name as people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Linker => "C linker",
            Self::Node => "Node and npm",
            Self::Java => "Java",
            Self::Maven => "Maven",
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
            Self::Chromium => "Chromium",
        }
    }

    /// The commands that need it.
    pub fn needed_by(self) -> &'static str {
        match self {
            Self::Rust | Self::Linker | Self::Node => "everything",
            Self::Java | Self::Maven | Self::Postgres | Self::Redis => {
                "servers, test, and bench with --servers"
            }
            Self::Chromium => "test (browser tests)",
        }
    }

    /// What was found, or what is wrong.
    pub fn look(self) -> Result<String, String> {
        match self {
            Self::Rust => first_line("rustc", &["--version"]).ok_or("no rustc on the path".into()),
            Self::Linker => first_line("cc", &["--version"]).ok_or("no cc on the path".into()),
            Self::Node => look_for_node(),
            Self::Java => look_for_java(),
            Self::Maven => {
                first_line("mvn", &["--batch-mode", "--version"]).ok_or("no mvn on the path".into())
            }
            Self::Postgres => postgres_folder()
                .and_then(|folder| first_line(&folder.join("postgres").to_string_lossy(), &["-V"]))
                .ok_or("no PostgreSQL server program".into()),
            Self::Redis => first_line(redis::PROGRAM, &["--version"])
                .ok_or("no redis-server on the path".into()),
            Self::Chromium => chromium()
                .map(|path| path.display().to_string())
                .ok_or("no chromium on the path and CHROMIUM is not set".into()),
        }
    }

    /// What brings it when it is missing.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Rust => "install rustup; rust-toolchain.toml names the toolchain",
            Self::Linker => "Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install",
            Self::Node => "install Node 20.19 or later with npm, from nodejs.org",
            Self::Java => "Debian: apt-get install openjdk-17-jre-headless",
            Self::Maven => "Debian: apt-get install maven",
            Self::Postgres => "Debian: apt-get install postgresql",
            Self::Redis => "Debian: apt-get install redis-server",
            Self::Chromium => "Debian: apt-get install chromium; or set CHROMIUM to its path",
        }
    }

    /// Debian packages that bring it, where xtask may install them.
    pub fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Java => &["openjdk-17-jre-headless"],
            Self::Maven => &["maven"],
            Self::Postgres => &["postgresql"],
            Self::Redis => &["redis-server"],
            Self::Chromium => &["chromium"],
            Self::Rust | Self::Linker | Self::Node => &[],
        }
    }
}

/// Fails with every missing requirement and its remedy.
pub fn require(requirements: &[Requirement]) -> Result<()> {
    let missing: Vec<String> = requirements
        .iter()
        .filter_map(|wanted| wanted.look().err().map(|found| (wanted, found)))
        .map(|(wanted, found)| format!("{}: {found} ({})", wanted.name(), wanted.remedy()))
        .collect();
    if !missing.is_empty() {
        bail!("missing: {}", missing.join("; "));
    }
    Ok(())
}

/// The browser: `CHROMIUM` from the environment, else the one on the path.
pub fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        return path.is_file().then_some(path);
    }
    ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| on_path(name))
}

/// Folder of PostgreSQL's server programs, the newest version that is installed.
pub fn postgres_folder() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, bin)| bin);
    newest.or_else(|| on_path("initdb")?.parent().map(Path::to_path_buf))
}

/// A free loopback port. Another program may take it before it is used.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Path of a program on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn look_for_node() -> Result<String, String> {
    let node = first_line("node", &["--version"]).ok_or("no node on the path")?;
    let version = version_numbers(&node);
    let found = (version.first().copied().unwrap_or(0), version.get(1).copied().unwrap_or(0));
    if found < NODE_MIN {
        return Err(format!("node {node} is older than {}.{}", NODE_MIN.0, NODE_MIN.1));
    }
    let npm = first_line("npm", &["--version"]).ok_or("no npm on the path")?;
    Ok(format!("node {node}, npm {npm}"))
}

fn look_for_java() -> Result<String, String> {
    let java = first_line("java", &["-version"]).ok_or("no java on the path")?;
    let major = version_numbers(&java).first().copied().unwrap_or(0);
    if major < JAVA_MIN {
        return Err(format!("{java} is older than {JAVA_MIN}"));
    }
    Ok(java)
}

/// The numbers of the first dotted version in a line such as `v20.20.2` or
/// `openjdk version "17.0.15" 2025-04-15`.
fn version_numbers(line: &str) -> Vec<u32> {
    let starts_at = line.find(|c: char| c.is_ascii_digit()).unwrap_or(line.len());
    let version: String =
        line[starts_at..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::version_numbers;

    #[test]
    fn versions_are_read_out_of_what_programs_print() {
        assert_eq!(version_numbers("v20.20.2"), [20, 20, 2]);
        assert_eq!(version_numbers("openjdk version \"17.0.15\" 2025-04-15"), [17, 0, 15]);
        assert_eq!(version_numbers("java version \"1.8.0_292\""), [1, 8, 0]);
        assert_eq!(version_numbers("no version"), Vec::<u32>::new());
    }
}
