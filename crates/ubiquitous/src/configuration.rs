//! Configuration: command line, then environment, then the file, then the default; each value knows
//! its origin, so that `config show` can tell.

mod setting;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use analysis::DatedTables;
use serde::Serialize;

use crate::exit::Failure;
use crate::people::issuer::{NameClaim, Settings};
use crate::problem::Problem;
use setting::SETTINGS;

/// A value and where it comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Value {
    /// Name.
    pub name: &'static str,
    /// Value as text.
    pub value: String,
    /// `command line`, `environment UBIQUITOUS_…`, `file …` or `default`.
    pub origin: String,
    /// What it is for.
    pub meaning: &'static str,
}

impl Value {
    /// The same, a secret hidden.
    #[must_use]
    pub fn without_secret(&self) -> Self {
        let mut shown = self.clone();
        let is_secret = self.name.ends_with("_secret") || self.name.ends_with("_password");
        if is_secret && !self.value.is_empty() {
            "(set)".clone_into(&mut shown.value);
        }
        if self.name.ends_with("_url") {
            shown.value = without_password(&self.value);
        }
        shown
    }
}

/// The values in force.
#[derive(Debug, Clone)]
pub struct Configuration {
    values: BTreeMap<&'static str, Value>,
    tables: Arc<DatedTables>,
}

impl Configuration {
    /// Puts the sources together. `given` are values of the command line, by name.
    ///
    /// # Errors
    /// When the file cannot be read, names a setting that does not exist, or a value is no number
    /// where one is needed.
    pub fn load(file: Option<&Path>, given: &[(&str, String)]) -> Result<Self, Failure> {
        let from_file = file.map(read_file).transpose()?.unwrap_or_default();
        let mut values = BTreeMap::new();
        for setting in SETTINGS {
            let stated = given.iter().find(|(name, _)| *name == setting.name);
            let environment = std::env::var(setting.variable).ok().filter(|text| !text.is_empty());
            let (value, origin) = if let Some((_, value)) = stated {
                (value.clone(), "command line".to_owned())
            } else if let Some(value) = environment {
                (value, format!("environment {}", setting.variable))
            } else if let Some(value) = from_file.get(setting.name) {
                (value.clone(), format!("file {}", file.unwrap_or(Path::new("")).display()))
            } else if setting.name == "data_dir" {
                (default_data_dir().display().to_string(), "default".to_owned())
            } else {
                (setting.default.to_owned(), "default".to_owned())
            };
            let value = Value { name: setting.name, value, origin, meaning: setting.meaning };
            values.insert(setting.name, value);
        }
        let mut configuration = Self { values, tables: DatedTables::built_in() };
        configuration.check()?;
        configuration.tables = read_tables(configuration.text("tables_dir"))?;
        Ok(configuration)
    }

    /// The dated tables in force.
    pub fn tables(&self) -> Arc<DatedTables> {
        Arc::clone(&self.tables)
    }

    /// All values, in order of name.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.values()
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        PathBuf::from(self.text("data_dir"))
    }

    /// The same with another data folder.
    #[must_use]
    pub fn with_data_dir(&self, folder: &Path) -> Self {
        let mut other = self.clone();
        if let Some(value) = other.values.get_mut("data_dir") {
            value.value = folder.display().to_string();
        }
        other
    }

    /// The same with `suffix` at the end of the data folder's name, where it is the default.
    #[must_use]
    pub fn with_data_dir_beside(&self, suffix: &str) -> Self {
        let mut beside = self.clone();
        if let Some(value) = beside.values.get_mut("data_dir")
            && value.origin == "default"
        {
            value.value.push_str(suffix);
        }
        beside
    }

    /// The same with other values, as if the command line gave them; fails as [`Configuration::load`].
    pub fn with(mut self, given: &[(&str, &str)]) -> Result<Self, Failure> {
        for (name, text) in given {
            if let Some(value) = self.values.get_mut(*name) {
                (value.value, value.origin) = ((*text).to_owned(), "command line".to_owned());
            }
        }
        self.check().map(|()| self)
    }

    /// Where to serve.
    pub fn bind(&self) -> SocketAddr {
        self.text("bind").parse().expect("checked when loaded")
    }

    /// Origins by which people reach the server.
    pub fn origins(&self) -> Vec<String> {
        let all = self.text("public_url").split(',').map(str::trim);
        all.filter(|one| !one.is_empty()).map(str::to_owned).collect()
    }

    /// Where people log in beside passwords, if anywhere.
    pub fn issuer(&self) -> Option<Settings> {
        let issuer = Some(self.text("oidc_issuer")).filter(|issuer| !issuer.is_empty())?;
        let host = issuer.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next());
        let given = |name: &str| Some(self.text(name).to_owned()).filter(|text| !text.is_empty());
        Some(Settings {
            issuer: issuer.to_owned(),
            client_id: self.text("oidc_client_id").to_owned(),
            client_secret: given("oidc_client_secret"),
            claim: NameClaim::of(self.text("oidc_claim")).expect("checked when loaded"),
            title: given("oidc_title").unwrap_or_else(|| host.unwrap_or(issuer).to_owned()),
        })
    }

    /// A text.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |value| &value.value)
    }

    /// A whole number; `None` for `auto`.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }

    fn check(&self) -> Result<(), Failure> {
        let wrong = |value: &Value, reason: &str| {
            let shown = value.without_secret();
            let detail =
                format!("{} is `{}` ({}): {reason}", shown.name, shown.value, shown.origin);
            Failure::from(Problem::bad_request(value.name, detail))
        };
        for value in self.values.values() {
            let is_number = value.value.parse::<u64>().is_ok_and(|number| number < 1 << 40);
            match value.name {
                "data_dir"
                | "log"
                | "tables_dir"
                | "pagerduty_secret"
                | "cartography_password"
                | "oidc_client_secret"
                | "oidc_title" => {}
                "oidc_issuer" if !is_issuer(&value.value) => {
                    return Err(wrong(value, "not an address that begins with https://"));
                }
                "oidc_client_id"
                    if value.value.is_empty() != self.text("oidc_issuer").is_empty() =>
                {
                    return Err(wrong(value, "`oidc_issuer` and `oidc_client_id` go together"));
                }
                "oidc_issuer" | "oidc_client_id" => {}
                "oidc_claim" if NameClaim::of(&value.value).is_none() => {
                    return Err(wrong(value, "not email, preferred_username or sub"));
                }
                "oidc_claim" => {}
                "topology_url" => {
                    has_scheme(value, NEO4J_SCHEMES).map_err(|why| wrong(value, &why))?
                }
                "telemetry_url" => {
                    has_scheme(value, POSTGRES_SCHEMES).map_err(|why| wrong(value, &why))?;
                }
                "redis_url" => {
                    has_scheme(value, REDIS_SCHEMES).map_err(|why| wrong(value, &why))?
                }
                "bind" => match value.value.parse::<SocketAddr>() {
                    Ok(_) => {}
                    Err(_) => return Err(wrong(value, "not an address such as 127.0.0.1:7474")),
                },
                "public_url" if !self.origins().iter().all(|one| is_origin(one)) => {
                    return Err(wrong(value, "not origins such as https://estate.example"));
                }
                "public_url" => {}
                name if name.starts_with("session_") && value.value == "0" => {
                    return Err(wrong(value, "not a number of minutes from 1"));
                }
                "disk_reserve_mib" if value.value == "auto" => {}
                "fiscal_start_month" if !is_month(&value.value) => {
                    return Err(wrong(value, "not a month from 1 to 12"));
                }
                _ if is_number => {}
                _ => return Err(wrong(value, "not a whole number")),
            }
        }
        Ok(())
    }
}

/// A scheme and an authority, and nothing after it.
fn is_origin(text: &str) -> bool {
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    authority.is_some_and(|one| !one.is_empty() && !one.contains(['/', '@', '?', '#', ' ']))
}

/// Nothing, or an address that nobody between can read or change: by TLS, or on this machine.
fn is_issuer(text: &str) -> bool {
    let host = text.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next());
    let is_near = matches!(host, Some("127.0.0.1" | "localhost"));
    text.is_empty()
        || (text.starts_with("https://") && host.is_some_and(|host| !host.is_empty()))
        || (text.starts_with("http://") && is_near)
}

fn is_month(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|month| (1..=12).contains(&month))
}

/// Schemes of a Neo4j's address; those with `s` are encrypted.
const NEO4J_SCHEMES: &[&str] = &["neo4j", "neo4j+s", "bolt", "bolt+s"];
/// Schemes of a PostgreSQL's address.
const POSTGRES_SCHEMES: &[&str] = &["postgres", "postgresql"];

/// Schemes of a Redis' address; the one with two `s` is encrypted.
const REDIS_SCHEMES: &[&str] = &["redis", "rediss"];

/// An address is empty or begins with one of the schemes.
fn has_scheme(value: &Value, schemes: &[&str]) -> Result<(), String> {
    let scheme = value.value.split_once("://").map(|(scheme, _)| scheme);
    if value.value.is_empty() || scheme.is_some_and(|scheme| schemes.contains(&scheme)) {
        return Ok(());
    }
    Err(format!("not an address that begins with {}://", schemes.join(":// or ")))
}

/// An address with its password hidden.
fn without_password(url: &str) -> String {
    let hidden = url.split_once("://").and_then(|(scheme, rest)| {
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = authority.rsplit_once('@')?;
        let user = user.split_once(':')?.0;
        Some(format!("{scheme}://{user}:(set)@{host}{path}"))
    });
    hidden.unwrap_or_else(|| url.to_owned())
}

/// `UBIQUITOUS_DATA_DIR`'s default, after the XDG base directories.
fn default_data_dir() -> PathBuf {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(|| {
        std::env::var_os("HOME").map(|home| Path::new(&home).join(".local").join("share"))
    });
    data.unwrap_or_else(|| PathBuf::from(".")).join("ubiquitous")
}

/// The program's own tables, with those in their place that a folder holds under the same name.
fn read_tables(folder: &str) -> Result<Arc<DatedTables>, Failure> {
    if folder.is_empty() {
        return Ok(DatedTables::built_in());
    }
    let wrong = |reason: String| {
        Failure::from(Problem::bad_request(
            "tables_dir",
            format!("`tables_dir` {folder}: {reason}"),
        ))
    };
    if !Path::new(folder).is_dir() {
        return Err(wrong("is no folder".to_owned()));
    }
    let mut tables = DatedTables::clone(&DatedTables::built_in());
    for name in DatedTables::file_names() {
        match std::fs::read_to_string(Path::new(folder).join(name)) {
            Ok(text) => tables.replace(name, &text).map_err(&wrong)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(wrong(format!("{name}: {error}"))),
        }
    }
    Ok(Arc::new(tables))
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let wrong = |reason: String| {
        Failure::from(Problem::bad_request("config", format!("{}: {reason}", path.display())))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let values: BTreeMap<String, serde_yaml_ng::Value> =
        serde_yaml_ng::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let mut read = BTreeMap::new();
    for (name, value) in values {
        if !SETTINGS.iter().any(|setting| setting.name == name) {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            return Err(wrong(format!("`{name}` is no setting; there are {}", known.join(", "))));
        }
        let text = match value {
            serde_yaml_ng::Value::String(text) => text,
            serde_yaml_ng::Value::Number(number) => number.to_string(),
            _ => return Err(wrong(format!("`{name}` is neither a text nor a number"))),
        };
        read.insert(name, text);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_and_says_so() {
        let given = [("bind", "127.0.0.1:9000".to_owned())];
        let configuration = Configuration::load(None, &given).unwrap();
        assert_eq!(configuration.bind().port(), 9000);
        assert_eq!(configuration.values["bind"].origin, "command line");
    }

    #[test]
    fn wrong_values_name_the_setting() {
        for (name, value) in [
            ("public_url", "estate.example"),
            ("public_url", "https://estate.example/path"),
            ("session_idle_minutes", "0"),
            ("bind", "here"),
            ("reader_threads", "many"),
            ("deadline_secs", "-1"),
            ("fiscal_start_month", "13"),
            ("tables_dir", "no/such/folder"),
            ("topology_url", "postgres://here"),
            ("telemetry_url", "here:5432"),
            ("redis_url", "http://here"),
        ] {
            let failure = Configuration::load(None, &[(name, value.to_owned())]).unwrap_err();
            assert!(failure.problem.detail.contains(name), "{}", failure.problem.detail);
        }
    }

    #[test]
    fn a_password_in_an_address_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://me:pa:ss@w@db:5432/x?sslmode=require",
                "postgres://me:(set)@db:5432/x?sslmode=require",
            ),
            ("neo4j://me@graph", "neo4j://me@graph"),
            ("bolt://graph:7687", "bolt://graph:7687"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
