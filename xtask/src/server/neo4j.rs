//! A Neo4j Community server, fetched with Maven: its own home, password and ports. It is GPLv3 and
//! only ever a separate process.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::{data_folder, password, wait_until};
use crate::job::{Job, Running, say};
use crate::paths;
use crate::requirement::free_port;

/// The variable with the Bolt address; set by the caller, it is used instead of starting one.
pub const URL: &str = "UBIQUITOUS_TEST_NEO4J_URL";

/// The version that is fetched; Maven checks each file against its published checksum.
const VERSION: &str = "5.26.12";

/// The one user of the Community edition after its first start.
const USER: &str = "neo4j";

/// Packages that Neo4j opens by reflection, as its own start script does.
const OPENED: &[&str] = &[
    "java.base/java.nio",
    "java.base/java.io",
    "java.base/sun.nio.ch",
    "java.base/java.util.concurrent",
];

/// Folder of the fetched server.
pub fn folder() -> PathBuf {
    paths::tools().join("neo4j").join(VERSION)
}

/// Whether the server is fetched already.
pub fn is_fetched() -> bool {
    folder().join(format!("neo4j-{VERSION}.jar")).is_file()
}

/// Fetches the server unless it is there, starts it and waits until it answers a query.
pub fn start() -> Result<(Running, Vec<(String, String)>)> {
    fetch()?;
    let home = data_folder("neo4j")?;
    let password = password()?;
    let (bolt, http) = (free_port()?, free_port()?);
    configure(&home, bolt, http)?;
    set_password(&home, &password)?;

    let log = home.join("server.log");
    let mut running = java(&home)
        .args(["-Xms512m", "-Xmx2g", "-XX:+UseG1GC", "-Dfile.encoding=UTF-8"])
        .arg("org.neo4j.server.CommunityEntryPoint")
        .arg(format!("--home-dir={}", home.display()))
        .arg(format!("--config-dir={}", home.join("conf").display()))
        .data(&home)
        .start(Some(&log))?;
    wait_until(&mut running, &log, Duration::from_secs(120), || {
        answers(http, &password).unwrap_or(false)
    })?;
    let environment = vec![
        (URL.into(), format!("bolt://127.0.0.1:{bolt}")),
        ("UBIQUITOUS_TEST_NEO4J_USER".into(), USER.into()),
        ("UBIQUITOUS_TEST_NEO4J_PASSWORD".into(), password),
    ];
    Ok((running, environment))
}

fn java(home: &Path) -> Job {
    Job::new("java")
        .args(OPENED.iter().map(|opened| format!("--add-opens={opened}=ALL-UNNAMED")))
        .arg("-cp")
        .arg(folder().join("*"))
        .folder(home)
}

fn fetch() -> Result<()> {
    if is_fetched() {
        return Ok(());
    }
    say(&format!("fetching Neo4j Community {VERSION} with Maven (116 MB)"));
    let partial = paths::tools().join("neo4j.partial");
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial).with_context(|| format!("create {}", partial.display()))?;
    fs::write(partial.join("pom.xml"), project())?;
    Job::new("mvn")
        .args(["--batch-mode", "--quiet", "--strict-checksums"])
        .arg("dependency:copy-dependencies")
        .args(["-DincludeScope=runtime", "-DoutputDirectory=server"])
        .folder(&partial)
        .run()
        .context("fetch Neo4j; is Maven's repository reachable?")?;
    fs::create_dir_all(paths::tools().join("neo4j"))?;
    let _ = fs::remove_dir_all(folder());
    fs::rename(partial.join("server"), folder()).context("put Neo4j in place")?;
    let _ = fs::remove_dir_all(&partial);
    Ok(())
}

/// A Maven project whose only purpose is its one dependency.
fn project() -> String {
    format!(
        r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ubiquitous</groupId>
  <artifactId>neo4j-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.neo4j</groupId>
      <artifactId>neo4j</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"#
    )
}

fn configure(home: &Path, bolt: u16, http: u16) -> Result<()> {
    for name in ["conf", "data", "logs", "plugins", "import", "licenses", "run"] {
        fs::create_dir_all(home.join(name))?;
    }
    let text = format!(
        "server.default_listen_address=127.0.0.1\n\
         server.default_advertised_address=127.0.0.1\n\
         server.bolt.listen_address=127.0.0.1:{bolt}\n\
         server.bolt.advertised_address=127.0.0.1:{bolt}\n\
         server.http.listen_address=127.0.0.1:{http}\n\
         server.http.advertised_address=127.0.0.1:{http}\n\
         server.https.enabled=false\n\
         server.memory.pagecache.size=512m\n\
         dbms.usage_report.enabled=false\n"
    );
    fs::write(home.join("conf/neo4j.conf"), text).context("write Neo4j's configuration")
}

/// Sets the first password before the first start, so that none needs changing at first login.
fn set_password(home: &Path, password: &str) -> Result<()> {
    java(home)
        .arg("org.neo4j.cli.AdminTool")
        .args(["dbms", "set-initial-password", password])
        .env("NEO4J_HOME", home)
        .env("NEO4J_CONF", home.join("conf"))
        .quiet()
        .run()
        .context("set Neo4j's password")
}

/// Whether a query is answered over HTTP with the password.
fn answers(port: u16, password: &str) -> Result<bool> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let body = r#"{"statements":[{"statement":"RETURN 1"}]}"#;
    let credentials = base64(format!("{USER}:{password}").as_bytes());
    write!(
        stream,
        "POST /db/neo4j/tx/commit HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Authorization: Basic {credentials}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 200") && answer.contains("\"errors\":[]"))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                let index = (word >> (18 - 6 * place)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// The test vectors of RFC 4648, section 10.
    #[test]
    fn base64_matches_the_published_vectors() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
