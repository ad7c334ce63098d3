//! Debian: `[epoch:]upstream[-revision]`; a tilde sorts before everything, even the end (Debian policy
//! manual 5.6.12).

use std::cmp::Ordering;

use super::{digits, numeric};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a_epoch, a) = a.split_once(':').unwrap_or(("0", a));
    let (b_epoch, b) = b.split_once(':').unwrap_or(("0", b));
    let (a, a_revision) = a.rsplit_once('-').unwrap_or((a, "0"));
    let (b, b_revision) = b.rsplit_once('-').unwrap_or((b, "0"));
    numeric(a_epoch, b_epoch).then_with(|| part(a, b)).then_with(|| part(a_revision, b_revision))
}

/// Letters sort before what is neither letter nor digit, a tilde before all and the end of a part.
fn weight(byte: Option<u8>) -> i32 {
    match byte {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(byte),
        Some(byte) => i32::from(byte) + 256,
    }
}

fn part(mut a: &str, mut b: &str) -> Ordering {
    let is_text = |text: &str| text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    while !a.is_empty() || !b.is_empty() {
        while is_text(a) || is_text(b) {
            let order = weight(a.bytes().next()).cmp(&weight(b.bytes().next()));
            if order != Ordering::Equal {
                return order;
            }
            a = after_first(a);
            b = after_first(b);
        }
        let ((left, a_rest), (right, b_rest)) = (digits(a), digits(b));
        let order = numeric(left, right);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
    Ordering::Equal
}

fn after_first(text: &str) -> &str {
    let mut letters = text.chars();
    letters.next();
    letters.as_str()
}
