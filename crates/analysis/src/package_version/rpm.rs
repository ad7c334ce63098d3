//! rpm: `[epoch:]version[-release]`, each part by `rpmvercmp`: runs of digits and letters, a tilde
//! before everything, a caret after the end and before the rest (rpm's manual, `rpm-version(7)`).

use std::cmp::Ordering;

use super::{digits, numeric};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a_epoch, a) = a.split_once(':').unwrap_or(("0", a));
    let (b_epoch, b) = b.split_once(':').unwrap_or(("0", b));
    let order = numeric(a_epoch, b_epoch);
    if order != Ordering::Equal {
        return order;
    }
    match (a.rsplit_once('-'), b.rsplit_once('-')) {
        (Some((a, a_release)), Some((b, b_release))) => {
            part(a, b).then_with(|| part(a_release, b_release))
        }
        // A release that one of them leaves open does not tell them apart.
        (a_split, b_split) => part(a_split.map_or(a, |(a, _)| a), b_split.map_or(b, |(b, _)| b)),
    }
}

fn part(mut a: &str, mut b: &str) -> Ordering {
    let divides = |letter: char| !letter.is_ascii_alphanumeric() && letter != '~' && letter != '^';
    loop {
        a = a.trim_start_matches(divides);
        b = b.trim_start_matches(divides);
        match (a.strip_prefix('~'), b.strip_prefix('~')) {
            (Some(left), Some(right)) => {
                (a, b) = (left, right);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        match (a.strip_prefix('^'), b.strip_prefix('^')) {
            (Some(left), Some(right)) => {
                (a, b) = (left, right);
                continue;
            }
            (Some(_), None) if b.is_empty() => return Ordering::Greater,
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) if a.is_empty() => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        if a.is_empty() || b.is_empty() {
            return a.len().min(1).cmp(&b.len().min(1));
        }
        let is_number = a.starts_with(|letter: char| letter.is_ascii_digit());
        let cut = if is_number { digits } else { letters };
        let ((left, a_rest), (right, b_rest)) = (cut(a), cut(b));
        if right.is_empty() {
            // Digits are later than letters.
            return if is_number { Ordering::Greater } else { Ordering::Less };
        }
        let order = if is_number { numeric(left, right) } else { left.cmp(right) };
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
}

fn letters(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(text.len());
    text.split_at(end)
}
