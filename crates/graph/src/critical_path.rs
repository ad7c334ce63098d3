//! The costliest path from an entry, cycles taken as one step.
//!
//! Definition: nodes and links have costs of 0 or more. In the condensation (`component`) a step is a
//! component, and costs what its nodes and the links inside it cost together; a link between steps
//! costs its own, and of several between the same two steps the costliest counts. The path is the one
//! from the entry's component with the greatest sum. Of equal ones, the one that ends first, then the
//! one whose next link has the lower (far end, near end).
//! Complexity: O(nodes + links).
//! Source: critical path method, Kelley and Walker (1959), on the condensation.

use crate::component::components_by;
use crate::csr::TooLarge;
use crate::lists::Lists;

/// A link with its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostLink {
    /// From where.
    pub from: u32,
    /// To where.
    pub to: u32,
    /// Cost, at least 0.
    pub cost: f64,
}

/// One step of the path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    /// The link that led here, by its place among those given; none for the first step.
    pub link: Option<u32>,
    /// The nodes of the step, in order: one, or all of a cycle.
    pub nodes: Vec<u32>,
    /// What the step costs, without the link that led here.
    pub cost: f64,
}

/// The path.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CriticalPath {
    /// Steps from the entry on; none when the entry is no node.
    pub steps: Vec<PathStep>,
    /// What steps and links cost together.
    pub cost: f64,
}

/// The costliest path from an entry. A cost that is not a number or below 0 counts as 0; a node
/// without a cost costs 0.
///
/// # Errors
/// When an end is no node, or there are more links than a `u32` counts.
pub fn critical_path(
    nodes: u32,
    costs: &[f64],
    links: &[CostLink],
    entry: u32,
) -> Result<CriticalPath, TooLarge> {
    if u32::try_from(links.len()).is_err() {
        return Err(TooLarge::Edges(links.len()));
    }
    let mut ends = links.iter().flat_map(|link| [link.from, link.to]);
    if let Some(node) = ends.find(|node| *node >= nodes) {
        return Err(TooLarge::Node(node));
    }
    if entry >= nodes {
        return Ok(CriticalPath::default());
    }
    let by_from = Lists::new(nodes, links.iter().map(|link| link.from).zip(0..));
    let found = components_by(nodes, [entry].into_iter(), |node, place| {
        by_from.row(node).get(place).map(|link| links[*link as usize].to)
    });
    let members = found.members();
    // An edge leads to a lower number, so what follows a component is known when its turn comes.
    let mut own = vec![0.0_f64; found.count as usize];
    let mut rest = vec![0.0_f64; found.count as usize];
    let mut next: Vec<Option<u32>> = vec![None; found.count as usize];
    for component in 0..found.count {
        let (mut inside, mut best) = (0.0_f64, 0.0_f64);
        let mut chosen: Option<(u32, u32, u32)> = None;
        for node in members.of(component) {
            inside += costs.get(*node as usize).map_or(0.0, |cost| cost.max(0.0));
            for place in by_from.row(*node) {
                let link = links[*place as usize];
                let to = found.of[link.to as usize];
                let cost = link.cost.max(0.0);
                if to == component {
                    inside += cost;
                    continue;
                }
                let after = cost + own[to as usize] + rest[to as usize];
                let key = (link.to, link.from, *place);
                let is_better =
                    after > best || (after == best && chosen.is_some_and(|chosen| key < chosen));
                if is_better {
                    (best, chosen) = (after, Some(key));
                }
            }
        }
        own[component as usize] = inside;
        rest[component as usize] = best;
        next[component as usize] = chosen.map(|(.., place)| place);
    }
    let mut path = CriticalPath::default();
    let (mut at, mut link) = (found.of[entry as usize], None);
    path.cost = own[at as usize] + rest[at as usize];
    loop {
        let cost = own[at as usize];
        path.steps.push(PathStep { link, nodes: members.of(at).to_vec(), cost });
        link = next[at as usize];
        let Some(place) = link else { return Ok(path) };
        at = found.of[links[place as usize].to as usize];
    }
}
