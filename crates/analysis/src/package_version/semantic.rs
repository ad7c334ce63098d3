//! Semantic Versioning 2.0.0, section 11, read loosely: a leading `v` (Go), missing parts are 0, more
//! than three parts are compared in turn. Build data after `+` does not count.

use std::cmp::Ordering;

use super::numeric;

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parse(a), parse(b));
    for place in 0..a.0.len().max(b.0.len()) {
        let of = |all: &[&str]| all.get(place).copied().unwrap_or("0").to_owned();
        let order = identifier(&of(&a.0), &of(&b.0));
        if order != Ordering::Equal {
            return order;
        }
    }
    match (a.1, b.1) {
        (None, None) => Ordering::Equal,
        // A version before its release is earlier than the release.
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(left), Some(right)) => pre_release(left, right),
    }
}

/// The parts of the release, and what stands after the dash.
fn parse(text: &str) -> (Vec<&str>, Option<&str>) {
    let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(text, _build)| text);
    match text.split_once('-') {
        Some((release, pre)) => (release.split('.').collect(), Some(pre)),
        None => (text.split('.').collect(), None),
    }
}

fn pre_release(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => {
                let order = identifier(left, right);
                if order != Ordering::Equal {
                    return order;
                }
            }
        }
    }
}

/// Numbers by value and before texts; texts by letter.
fn identifier(a: &str, b: &str) -> Ordering {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match (is_number(a), is_number(b)) {
        (true, true) => numeric(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}
