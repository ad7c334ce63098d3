//! Alpine: `digits(.digits)*[letter](_suffix[digits])*[-rN]` (apk-tools, `doc/apk-package.5`).

use std::cmp::Ordering;

use super::{digits, numeric};

/// Suffixes in their order; what stands before `""` is earlier than no suffix.
const SUFFIXES: [&str; 10] = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];

/// A version in its parts.
#[derive(Debug, Default)]
struct Version<'a> {
    numbers: Vec<&'a str>,
    letter: Option<u8>,
    /// Rank and number of each suffix.
    suffixes: Vec<(usize, &'a str)>,
    revision: Option<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parse(a), parse(b));
    let numbers = a.numbers.iter().zip(&b.numbers).enumerate();
    let numbers = numbers.map(|(place, (left, right))| {
        // A part after the first that begins with a zero is a fraction.
        let is_fraction = place > 0 && (left.starts_with('0') || right.starts_with('0'));
        if is_fraction && left != right { fraction(left, right) } else { numeric(left, right) }
    });
    let mut numbers = numbers.filter(|order| *order != Ordering::Equal);
    numbers
        .next()
        .unwrap_or_else(|| a.numbers.len().cmp(&b.numbers.len()))
        .then_with(|| a.letter.cmp(&b.letter))
        .then_with(|| suffixes(&a.suffixes, &b.suffixes))
        .then_with(|| match (a.revision, b.revision) {
            (Some(left), Some(right)) => numeric(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        })
}

fn fraction(a: &str, b: &str) -> Ordering {
    a.trim_end_matches('0').cmp(b.trim_end_matches('0')).then_with(|| a.len().cmp(&b.len()))
}

fn suffixes(a: &[(usize, &str)], b: &[(usize, &str)]) -> Ordering {
    let none = SUFFIXES.iter().position(|one| one.is_empty()).unwrap_or_default();
    for place in 0..a.len().max(b.len()) {
        let of = |all: &[(usize, &str)]| {
            all.get(place).map_or((none, "0".to_owned()), |one| (one.0, one.1.to_owned()))
        };
        let (left, right) = (of(a), of(b));
        let order = left.0.cmp(&right.0).then_with(|| numeric(&left.1, &right.1));
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn parse(text: &str) -> Version<'_> {
    let mut version = Version::default();
    let (text, revision) = match text.rsplit_once("-r") {
        Some((text, revision)) if !revision.is_empty() && digits(revision).1.is_empty() => {
            (text, Some(revision))
        }
        _ => (text, None),
    };
    version.revision = revision;
    let mut parts = text.split('_');
    let mut rest = parts.next().unwrap_or_default();
    loop {
        let (number, after) = digits(rest);
        version.numbers.push(number);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None => {
                version.letter = after.bytes().next().filter(u8::is_ascii_lowercase);
                break;
            }
        }
    }
    for part in parts {
        let end = part.bytes().position(|byte| byte.is_ascii_digit()).unwrap_or(part.len());
        let (name, number) = part.split_at(end);
        let rank = SUFFIXES.iter().position(|one| *one == name && !one.is_empty());
        version.suffixes.push((rank.unwrap_or(SUFFIXES.len()), number));
    }
    version
}
