//! Whether groups of entities tell more than that there are many.

use super::AggregateBy;

/// Whether groups, by key and size, make a picture: they fit, two of them name something, and at most
/// half of everything is in none. Kinds always say something.
pub fn is_picture<'a>(
    by: AggregateBy,
    groups_max: usize,
    sizes: impl Iterator<Item = (&'a str, u64)>,
) -> bool {
    let (mut named, mut all, mut without, mut groups) = (0, 0_u64, 0_u64, 0);
    for (key, size) in sizes {
        groups += 1;
        all += size;
        match key.is_empty() {
            true => without += size,
            false => named += 1,
        }
    }
    let tells = named >= 2 && without.saturating_mul(2) <= all;
    groups <= groups_max && (by == AggregateBy::Kind || tells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(groups: &[(&str, u64)]) -> bool {
        is_picture(AggregateBy::Team, 3, groups.iter().copied())
    }

    #[test]
    fn a_grouping_that_leaves_most_ungrouped_is_no_picture() {
        assert!(tells(&[("", 10), ("a", 5), ("b", 5)]));
        assert!(!tells(&[("", 11), ("a", 5), ("b", 5)]));
        assert!(!tells(&[("a", 5)]));
        assert!(!tells(&[]));
    }

    #[test]
    fn groups_that_do_not_fit_are_no_picture() {
        assert!(!tells(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)]));
        let kinds = || [("pod", 9)].into_iter();
        assert!(is_picture(AggregateBy::Kind, 1, kinds()));
        assert!(!is_picture(AggregateBy::Kind, 0, kinds()));
    }
}
