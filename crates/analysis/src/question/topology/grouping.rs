//! Which grouping shows a part of the estate that has too many entities to list.

use model::fact::{AggregateBy, TopologyFacts, TopologyQuery};
use model::seam::ReadContext;

use crate::ask::{AskContext, AskError};

/// Groupings in the order in which they are tried: what people think in, before what machines are in.
const PREFERENCE: [AggregateBy; 6] = [
    AggregateBy::Application,
    AggregateBy::Team,
    AggregateBy::Namespace,
    AggregateBy::Cluster,
    AggregateBy::Account,
    AggregateBy::Kind,
];

/// The first grouping that gives a picture: between two groups and the limit, at most half of the
/// entities in none. Otherwise by kind, which always says something. `None` when not even the kinds
/// fit the limit.
pub(super) async fn chosen(
    query: &TopologyQuery,
    read: &ReadContext,
    ctx: &AskContext,
) -> Result<Option<(AggregateBy, TopologyFacts)>, AskError> {
    let most = query.limit.min(ctx.limits.layout_nodes);
    for by in PREFERENCE {
        let grouped =
            TopologyQuery { aggregate_by: Some(by), limit: most + 1, after: None, ..query.clone() };
        let facts = ctx.topology.topology(read, grouped).await?;
        let fits = facts.groups.len() <= most;
        if fits && (by == AggregateBy::Kind || is_picture(&facts)) {
            return Ok(Some((by, facts)));
        }
    }
    Ok(None)
}

/// Whether the groups tell more than that there are many entities.
fn is_picture(facts: &TopologyFacts) -> bool {
    let size = |kinds: &[(model::EntityKind, u64)]| kinds.iter().map(|(_, n)| *n).sum::<u64>();
    let all: u64 = facts.groups.iter().map(|group| size(&group.kinds)).sum();
    let without: u64 = facts
        .groups
        .iter()
        .filter(|group| group.group.is_empty())
        .map(|group| size(&group.kinds))
        .sum();
    let named = facts.groups.iter().filter(|group| !group.group.is_empty()).count();
    named >= 2 && without.saturating_mul(2) <= all
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EntityKind;
    use model::fact::GroupFact;

    fn facts(groups: &[(&str, u64)]) -> TopologyFacts {
        let group = |(name, n): &(&str, u64)| GroupFact {
            group: (*name).into(),
            name: (*name).into(),
            kinds: vec![(EntityKind::Pod, *n)],
        };
        TopologyFacts { groups: groups.iter().map(group).collect(), ..TopologyFacts::default() }
    }

    #[test]
    fn a_grouping_that_leaves_most_ungrouped_is_no_picture() {
        assert!(is_picture(&facts(&[("", 10), ("a", 5), ("b", 5)])));
        assert!(!is_picture(&facts(&[("", 11), ("a", 5), ("b", 5)])));
        assert!(!is_picture(&facts(&[("a", 5)])));
        assert!(!is_picture(&facts(&[])));
    }
}
