//! Changes: CloudEvents (CDEvents among them) and plain tables. See docs/formats/changes.md.

pub mod cloudevents;
mod table;

pub use cloudevents::EVENTS;
pub use table::CSV;

/// The kind of change that a sender's own words say; `None` when they say none that is known.
fn kind_of(words: &str) -> Option<&'static str> {
    let words = words.to_ascii_lowercase();
    // The more specific first: "featureflag.deployed" is about a flag.
    const KINDS: &[(&str, &[&str])] = &[
        ("flag", &["flag", "toggle", "experiment"]),
        ("scaling", &["scal", "replica", "resize"]),
        ("rollback", &["rollback", "rolledback", "rolled_back", "revert"]),
        ("deployment", &["deploy", "release", "rollout", "upgrade", "publish", "promot"]),
        ("configuration", &["config", "setting", "parameter", "secret", "certificate", "dns"]),
        ("migration", &["migrat", "schema"]),
    ];
    KINDS.iter().find(|(_, all)| all.iter().any(|one| words.contains(one))).map(|(kind, _)| *kind)
}
