//! Which incidents are counted under another one: parts of an incident that is held.

use std::collections::BTreeMap;

use super::Incident;

/// Sets `counted_under` of every incident whose parent, or parent's parent, is held. Of a ring of
/// parents the least id counts, the others under it.
pub(super) fn count_under_parents(incidents: &mut [Incident]) {
    let key = |source: &str, id: &str| (source.to_owned(), id.to_owned());
    let parents: BTreeMap<(String, String), Option<(String, String)>> = incidents
        .iter()
        .map(|one| {
            let parent = one.parent.as_ref().map(|parent| key(&one.source, parent));
            (key(&one.source, &one.id), parent)
        })
        .collect();
    for one in incidents.iter_mut() {
        let root = root_of(&parents, &key(&one.source, &one.id));
        one.counted_under = root.map(|(_, id)| id).filter(|id| *id != one.id);
    }
}

type Key = (String, String);

fn root_of(parents: &BTreeMap<Key, Option<Key>>, of: &Key) -> Option<Key> {
    let mut way: Vec<&Key> = vec![of];
    loop {
        let last = *way.last()?;
        let next = parents.get(last)?.as_ref().and_then(|next| parents.get_key_value(next));
        let Some((next, _)) = next else { return Some(last.clone()) };
        if let Some(place) = way.iter().position(|held| *held == next) {
            return way.iter().skip(place).min().map(|key| (*key).clone());
        }
        way.push(next);
    }
}
