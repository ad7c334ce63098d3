//! Reports of scanners from real files, read in place: each reads, and what is read is what a naive
//! walk of the file counts. A data set that is absent is a skipped test whose name says so.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ingest::InputContext;
use libtest_mimic::{Arguments, Failed, Trial};
use model::Batch;
use model::scan::{KnownExploited, ScanBody};
use model::stated::StatedKind;
use serde_json::Value;

fn main() {
    let mut trials = Vec::new();
    for (folder, test) in
        [("security/trivy", trivy as fn(&Path) -> Result<(), Failed>), ("security/sarif", sarif)]
    {
        let files = files(&data(folder));
        if files.is_empty() {
            let name = format!("reports [skipped: data set {folder} is absent]");
            trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
        }
        for file in files {
            let name =
                format!("{folder}/{}", file.file_name().unwrap_or_default().to_string_lossy());
            trials.push(Trial::test(name, move || test(&file)));
        }
    }
    trials.push(on("spring4shell_joined_with_kev", "security/trivy", spring4shell));
    trials.push(on("both_forms_of_kev_are_one_list", "security/kev", kev));
    trials.push(on("security_hub", "aws/account-export/securityhub-get-findings.json", hub));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path)
}

fn on(name: &'static str, path: &'static str, test: fn() -> Result<(), Failed>) -> Trial {
    if data(path).exists() {
        return Trial::test(name, test);
    }
    let name = format!("{name} [skipped: data set {path} is absent]");
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}

/// Every report in and below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().is_some_and(|name| name != "LICENSE") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Everything that is read of a file.
fn read(path: &Path) -> Result<(Batch, Value), Failed> {
    let bytes = std::fs::read(path)?;
    let context = InputContext {
        received_at: model::Micros(1_791_000_000_000_000),
        ..InputContext::default()
    };
    let mut all: Option<Batch> = None;
    ingest::read(&path.to_string_lossy(), &bytes, &context, &mut |batch| {
        match &mut all {
            Some(held) => {
                held.findings.extend(batch.findings);
                held.stated.extend(batch.stated);
                held.rejects.extend(batch.rejects);
            }
            None => all = Some(batch),
        }
        ControlFlow::Continue(())
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or(Value::Null);
    Ok((all.ok_or("no batch")?, value))
}

/// Every value under a key of this name, anywhere.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == key {
                    found.push(value);
                }
                under(value, key, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| under(one, key, found)),
        _ => {}
    }
}

/// How many elements the lists of this name hold together.
fn elements(value: &Value, key: &str, counts: impl Fn(&Value) -> bool) -> usize {
    let mut lists = Vec::new();
    under(value, key, &mut lists);
    let all = lists.into_iter().filter_map(Value::as_array).flatten();
    all.filter(|one| counts(one)).count()
}

fn check<T: PartialEq + std::fmt::Debug>(what: &str, read: &T, expected: &T) -> Result<(), Failed> {
    if read == expected {
        return Ok(());
    }
    Err(format!("{what}: read {read:?}, the file has {expected:?}").into())
}

fn trivy(path: &Path) -> Result<(), Failed> {
    let (batch, file) = read(path)?;
    let is_failed = |one: &Value| one.get("Status").and_then(Value::as_str) == Some("FAIL");
    let expected = match file.get("bomFormat") {
        // Each vulnerability of a bill of materials for each component that it affects.
        Some(_) => elements(&file, "affects", |_| true),
        None if file.get("runs").is_some() => elements(&file, "results", |_| true),
        None => {
            elements(&file, "Vulnerabilities", |_| true)
                + elements(&file, "Misconfigurations", is_failed)
                + elements(&file, "Secrets", |_| true)
                // A package's own list of licences is one of texts.
                + elements(&file, "Licenses", Value::is_object)
        }
    };
    check("findings", &batch.findings.len(), &expected)?;
    check("rejects", &batch.rejects.len(), &0)?;
    let severities = |all: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        all.into_iter().for_each(|one| *counts.entry(one).or_default() += 1);
        counts
    };
    if file.get("Results").is_some() {
        let mut lists = Vec::new();
        under(&file, "Vulnerabilities", &mut lists);
        under(&file, "Misconfigurations", &mut lists);
        let rows = lists.into_iter().filter_map(Value::as_array).flatten();
        let rows = rows.filter_map(|one| one.get("Severity")?.as_str());
        let expected = severities(rows.map(str::to_lowercase).collect());
        let read = severities(batch.findings.iter().map(|one| one.severity.clone()).collect());
        check("severities", &read, &expected)?;
    }
    keys_are_distinct(&batch)?;
    listed_again(&batch, expected)
}

/// No two findings of one report fall together in the store.
fn keys_are_distinct(batch: &Batch) -> Result<(), Failed> {
    let mut keys: Vec<String> = batch
        .findings
        .iter()
        .map(|one| format!("{:?}|{}|{}", one.weaknesses.first(), one.package, one.place))
        .collect();
    keys.sort();
    let count = keys.len();
    keys.dedup();
    check("distinct keys", &keys.len(), &count)
}

/// The scans list what the findings say, but for what is gone.
fn listed_again(batch: &Batch, expected: usize) -> Result<(), Failed> {
    let mut listed = 0;
    for stated in batch.stated.iter().filter(|one| one.kind == StatedKind::Scan) {
        listed += stated.says::<ScanBody>()?.items.len();
    }
    let gone = batch.findings.iter().filter(|one| one.status == "fixed").count();
    check("items of scans", &(listed + gone), &expected)
}

fn sarif(path: &Path) -> Result<(), Failed> {
    let (batch, file) = read(path)?;
    let runs = file.get("runs").and_then(Value::as_array).map_or(0, |runs| {
        runs.iter().filter(|run| run.get("results").is_some_and(Value::is_array)).count()
    });
    let results = elements(&file, "results", |_| true);
    check("findings", &batch.findings.len(), &results)?;
    check("scans", &batch.stated.len(), &runs)?;
    let absent = elements(&file, "results", |one| {
        one.get("baselineState").and_then(Value::as_str) == Some("absent")
    });
    let fixed = batch.findings.iter().filter(|one| one.status == "fixed").count();
    check("absent results", &fixed, &absent)?;
    if path.ends_with("Suppressions.sarif") {
        suppressions(&batch)?;
    }
    keys_are_distinct(&batch)?;
    listed_again(&batch, results)
}

/// The sample's own messages say which results are hidden. One contradicts another: a suppression
/// under review alone is said to hide nothing, beside a rejected one to hide. It hides nothing here.
fn suppressions(batch: &Batch) -> Result<(), Failed> {
    for finding in &batch.findings {
        let is_hidden = finding.title.contains("is hidden");
        let is_review = finding.title.contains("not yet been rejected");
        let expected = if is_hidden && !is_review { "suppressed" } else { "open" };
        check(&finding.title, &finding.status.as_str(), &expected)?;
    }
    Ok(())
}

fn spring4shell() -> Result<(), Failed> {
    let (report, _) = read(&data("security/trivy/spring4shell-jre8.json"))?;
    let (list, _) = read(&data("security/kev/known_exploited_vulnerabilities.csv"))?;
    let mut known = Vec::new();
    for stated in &list.stated {
        known.push(stated.says::<KnownExploited>()?.weakness);
    }
    let joined: Vec<&str> = report
        .findings
        .iter()
        .flat_map(|one| &one.weaknesses)
        .filter(|one| known.contains(one))
        .map(String::as_str)
        .collect();
    check("known exploited", &joined, &vec!["CVE-2022-22965"])
}

fn kev() -> Result<(), Failed> {
    let entries = |path: &str| -> Result<BTreeMap<String, KnownExploited>, Failed> {
        let (list, _) = read(&data(path))?;
        check("rejects", &list.rejects.len(), &0)?;
        let mut all = BTreeMap::new();
        for stated in &list.stated {
            let mut entry = stated.says::<KnownExploited>()?;
            // The two forms are written with other blanks.
            entry.action = None;
            entry.product = String::new();
            all.insert(entry.weakness.clone(), entry);
        }
        Ok(all)
    };
    let table = entries("security/kev/known_exploited_vulnerabilities.csv")?;
    let json = entries("security/kev/known_exploited_vulnerabilities.json")?;
    check("entries", &table.len(), &1_404)?;
    check("both forms", &table, &json)?;
    if table.values().any(|one| one.due.is_none() || one.added.is_none()) {
        return Err("an entry without a date".into());
    }
    Ok(())
}

fn hub() -> Result<(), Failed> {
    let (batch, file) = read(&data("aws/account-export/securityhub-get-findings.json"))?;
    check("findings", &batch.findings.len(), &elements(&file, "Findings", |_| true))
}
