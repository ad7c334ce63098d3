//! Maven's `ComparableVersion`: dots divide, a dash or a change between digits and letters opens a
//! list of lower rank, known words have their order, and what is null at the end does not count
//! (Maven's "POM Reference", version order specification).

use std::cmp::Ordering;

use super::{digits, numeric};

/// Words in their order; the empty one is the release.
const WORDS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

/// Deepest nesting that is followed.
const DEPTH_MAX: u32 = 64;

#[derive(Debug)]
enum Item {
    Number(String),
    Word(String),
    List(Vec<Item>),
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    list(&parse(&a.to_ascii_lowercase(), DEPTH_MAX), &parse(&b.to_ascii_lowercase(), DEPTH_MAX))
}

fn parse(text: &str, depth: u32) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && depth > 0 {
        let (number, after) = digits(rest);
        let is_number = !number.is_empty();
        let end = rest
            .bytes()
            .position(|byte| byte == b'.' || byte == b'-' || byte.is_ascii_digit() != is_number)
            .unwrap_or(rest.len());
        let (part, after) = if is_number { (number, after) } else { rest.split_at(end) };
        let is_before_digit = after.starts_with(|letter: char| letter.is_ascii_digit());
        items.push(match (is_number, part) {
            (true, part) => Item::Number(part.to_owned()),
            (false, "") => Item::Number("0".to_owned()),
            (false, part) => Item::Word(word(part, is_before_digit)),
        });
        match after.bytes().next() {
            Some(b'.') => rest = &after[1..],
            Some(b'-') => {
                items.push(Item::List(parse(&after[1..], depth - 1)));
                break;
            }
            Some(_) => {
                items.push(Item::List(parse(after, depth - 1)));
                break;
            }
            None => break,
        }
    }
    // Nulls at the end do not count; neither do they in front of a list.
    let mut place = items.len();
    while place > 0 {
        place -= 1;
        let is_null = match &items[place] {
            Item::Number(number) => number.bytes().all(|byte| byte == b'0'),
            Item::Word(word) => word.is_empty(),
            Item::List(list) => list.is_empty(),
        };
        if is_null {
            items.remove(place);
        } else if !matches!(items[place], Item::List(_)) {
            break;
        }
    }
    items
}

fn word(part: &str, is_before_digit: bool) -> String {
    let long = match part {
        "a" if is_before_digit => "alpha",
        "b" if is_before_digit => "beta",
        "m" if is_before_digit => "milestone",
        "ga" | "final" | "release" => "",
        "cr" => "rc",
        other => other,
    };
    long.to_owned()
}

/// Known words by their order, unknown ones after them by letter.
fn rank(word: &str) -> (usize, &str) {
    match WORDS.iter().position(|one| *one == word) {
        Some(place) => (place, ""),
        None => (WORDS.len(), word),
    }
}

fn list(a: &[Item], b: &[Item]) -> Ordering {
    let longest = a.len().max(b.len());
    (0..longest)
        .map(|place| item(a.get(place), b.get(place)))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

fn item(a: Option<&Item>, b: Option<&Item>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (Some(one), None) => against_nothing(one),
        (None, Some(one)) => against_nothing(one).reverse(),
        (Some(Item::Number(left)), Some(Item::Number(right))) => numeric(left, right),
        (Some(Item::Number(_)), Some(_)) => Ordering::Greater,
        (Some(_), Some(Item::Number(_))) => Ordering::Less,
        (Some(Item::Word(left)), Some(Item::Word(right))) => rank(left).cmp(&rank(right)),
        (Some(Item::Word(_)), Some(Item::List(_))) => Ordering::Less,
        (Some(Item::List(_)), Some(Item::Word(_))) => Ordering::Greater,
        (Some(Item::List(left)), Some(Item::List(right))) => list(left, right),
    }
}

fn against_nothing(one: &Item) -> Ordering {
    match one {
        Item::Number(number) => numeric(number, "0"),
        Item::Word(word) => rank(word).cmp(&rank("")),
        Item::List(list) => list
            .iter()
            .map(against_nothing)
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal),
    }
}
