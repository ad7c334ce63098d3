//! PEP 440: `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`. What is no such version is compared
//! naturally.

use std::cmp::Ordering;

use super::{digits, natural, numeric};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    match (parse(a), parse(b)) {
        (Some(left), Some(right)) => left.order(&right),
        _ => natural(a, b),
    }
}

#[derive(Debug, Default)]
struct Version {
    epoch: String,
    release: Vec<String>,
    /// Rank of the phase (a 0, b 1, rc 2) and number.
    pre: Option<(u8, String)>,
    post: Option<String>,
    dev: Option<String>,
    local: Vec<String>,
}

impl Version {
    fn order(&self, other: &Self) -> Ordering {
        numeric(&self.epoch, &other.epoch)
            .then_with(|| {
                let longest = self.release.len().max(other.release.len());
                let of = |all: &[String], at: usize| all.get(at).cloned().unwrap_or_default();
                let orders =
                    (0..longest).map(|at| numeric(&of(&self.release, at), &of(&other.release, at)));
                orders.into_iter().find(|one| *one != Ordering::Equal).unwrap_or(Ordering::Equal)
            })
            .then_with(|| self.phase().cmp(&other.phase()))
            .then_with(|| match (&self.pre, &other.pre) {
                (Some(left), Some(right)) => numeric(&left.1, &right.1),
                _ => Ordering::Equal,
            })
            .then_with(|| absent_first(self.post.as_deref(), other.post.as_deref()))
            .then_with(|| absent_last(self.dev.as_deref(), other.dev.as_deref()))
            .then_with(|| self.local_order(other))
    }

    /// Development releases of a release come before its phases, which come before itself.
    fn phase(&self) -> u8 {
        match &self.pre {
            Some((rank, _)) => 1 + rank,
            None if self.post.is_none() && self.dev.is_some() => 0,
            None => 9,
        }
    }

    fn local_order(&self, other: &Self) -> Ordering {
        let mut pairs = self.local.iter().zip(&other.local);
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let order = pairs.find_map(|(left, right)| {
            let order = match (is_number(left), is_number(right)) {
                (true, true) => numeric(left, right),
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => left.cmp(right),
            };
            (order != Ordering::Equal).then_some(order)
        });
        order.unwrap_or_else(|| self.local.len().cmp(&other.local.len()))
    }
}

fn absent_first(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(left), Some(right)) => numeric(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

fn absent_last(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(left), Some(right)) => numeric(left, right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

fn parse(text: &str) -> Option<Version> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (text, local) = text.split_once('+').unwrap_or((text, ""));
    let (epoch, mut rest) = text.split_once('!').unwrap_or(("0", text));
    let mut version = Version { epoch: epoch.to_owned(), ..Version::default() };
    version.local =
        local.split(['.', '-', '_']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    loop {
        let (number, after) = digits(rest);
        if number.is_empty() {
            break;
        }
        version.release.push(number.to_owned());
        rest = after;
        match rest.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    if version.release.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = phase(&mut version, rest)?;
    }
    Some(version)
}

/// Reads one phase and gives what follows; `None` when it is none.
fn phase<'a>(version: &mut Version, rest: &'a str) -> Option<&'a str> {
    const PHASES: [(&str, u8); 8] = [
        ("alpha", 0),
        ("beta", 1),
        ("preview", 2),
        ("pre", 2),
        ("rc", 2),
        ("a", 0),
        ("b", 1),
        ("c", 2),
    ];
    let word = rest.trim_start_matches(['.', '-', '_']);
    let number = |after: &'a str| {
        let (number, rest) = digits(after.trim_start_matches(['.', '-', '_']));
        (if number.is_empty() { "0" } else { number }.to_owned(), rest)
    };
    if rest.starts_with('-') && word.starts_with(|c: char| c.is_ascii_digit()) {
        let (post, rest) = number(word);
        version.post = Some(post);
        return Some(rest);
    }
    for name in ["post", "rev", "r"] {
        // `rc` begins with an `r` too.
        let after = word.strip_prefix(name).filter(|_| !word.starts_with("rc"));
        if let Some(after) = after {
            let (post, rest) = number(after);
            version.post = Some(post);
            return Some(rest);
        }
    }
    if let Some(after) = word.strip_prefix("dev") {
        let (dev, rest) = number(after);
        version.dev = Some(dev);
        return Some(rest);
    }
    let (after, rank) =
        PHASES.iter().find_map(|(name, rank)| Some((word.strip_prefix(name)?, *rank)))?;
    let (pre, rest) = number(after);
    version.pre = Some((rank, pre));
    Some(rest)
}
