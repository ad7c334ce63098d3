//! How bad a severity is, by the words that tools use. Only for order: every tool's words stay as they
//! are, and equal ranks of two tools are not called equal.

/// Words by rank, worst first.
const WORDS: &[&[&str]] = &[
    &[
        "critical",
        "emergency",
        "fatal",
        "blocker",
        "page",
        "sev0",
        "sev1",
        "sev-0",
        "sev-1",
        "p0",
        "p1",
        "1",
    ],
    &["major", "high", "error", "urgent", "sev2", "sev-2", "p2", "2"],
    &["minor", "medium", "moderate", "warning", "warn", "normal", "sev3", "sev-3", "p3", "3"],
    &[
        "low",
        "info",
        "informational",
        "none",
        "sev4",
        "sev5",
        "sev-4",
        "sev-5",
        "p4",
        "p5",
        "4",
        "5",
    ],
];

/// 0 for the worst; 4 for words that are not known and for none.
pub(crate) fn rank(severity: Option<&str>) -> usize {
    // ServiceNow and Jira write `1 - Critical` and `P1 (Critical)`.
    let word = severity.unwrap_or_default().trim().to_lowercase();
    let first = word.split([' ', '(', ':']).next().unwrap_or_default();
    let place = |word: &str| WORDS.iter().position(|words| words.contains(&word));
    place(&word).or_else(|| place(first)).unwrap_or(WORDS.len())
}
