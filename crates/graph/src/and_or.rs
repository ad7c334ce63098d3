//! AND/OR graphs: what each node needs, as groups of which some members must be left.
//!
//! Definition: a node has any number of groups. A group has distinct members and `min_alive`; it is
//! short when fewer than `min_alive` of its members are left, and a node fails when one of its groups
//! is short. A group without members is no group. A group that no loss can make short
//! (`min_alive` 0) holds for ever, and one with fewer members than `min_alive` is short from the start.
//! Complexity: O(n + m log m) to build from m memberships, O(n + m) when they come in order of owner
//! and member; 12 bytes for each member whose loss alone is fatal, 8 and 12 a group for the others.
//! Source: Dowling and Gallier, Linear-time algorithms for testing the satisfiability of propositional
//! Horn formulae (1984), with thresholds in place of conjunctions.

use std::ops::Range;

use crate::csr::TooLarge;
use crate::lists::Lists;

/// Marks the code of a group among the codes of nodes.
const GROUP: u32 = 1 << 31;

/// The losses that a group survives whatever they are.
pub(crate) const NEVER: u32 = u32::MAX;

/// What a loss counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dependent {
    /// A node that cannot do without what was lost.
    Node(u32),
    /// A group that lost a member.
    Group(u32),
}

/// Takes down groups in any order.
#[derive(Debug, Clone, Default)]
pub struct AndOrBuilder {
    nodes: u32,
    numbers: u32,
    /// (owner, member, number) where one loss is enough.
    needs: Vec<(u32, u32, u32)>,
    /// (owner, number, losses that are fatal, end of its members).
    groups: Vec<(u32, u32, u32, u32)>,
    members: Vec<u32>,
    short: Vec<(u32, u32)>,
    too_large: Option<TooLarge>,
}

impl AndOrBuilder {
    /// Of nodes 0 to `nodes` − 1.
    pub fn new(nodes: u32) -> Self {
        let too_large = (nodes >= GROUP).then_some(TooLarge::Node(nodes));
        Self { nodes, too_large, ..Self::default() }
    }

    /// Adds a group and gives its number: how many were added before it. A member named twice counts
    /// once. A group without members has a number too, and no effect.
    pub fn group(&mut self, owner: u32, min_alive: u32, members: &[u32]) -> u32 {
        let number = self.numbers;
        self.numbers = self.numbers.saturating_add(1);
        let ends = || members.iter().copied().chain([owner]);
        if let Some(node) = ends().find(|node| *node >= self.nodes) {
            self.too_large.get_or_insert(TooLarge::Node(node));
            return number;
        }
        match members {
            [] => {}
            [only] if min_alive == 1 => self.needs.push((owner, *only, number)),
            _ => self.add(owner, min_alive, members, number),
        }
        if self.members.len().max(self.needs.len()) >= GROUP as usize {
            self.too_large.get_or_insert(TooLarge::Edges(self.members.len() + self.needs.len()));
            self.members.clear();
            self.needs.clear();
            self.groups.clear();
        }
        number
    }

    fn add(&mut self, owner: u32, min_alive: u32, members: &[u32], number: u32) {
        let start = self.members.len();
        self.members.extend_from_slice(members);
        self.members[start..].sort_unstable();
        let mut kept = start;
        for place in start..self.members.len() {
            if kept == start || self.members[kept - 1] != self.members[place] {
                self.members[kept] = self.members[place];
                kept += 1;
            }
        }
        self.members.truncate(kept);
        let count = (kept - start) as u32;
        if min_alive == count {
            let all = self.members.drain(start..);
            self.needs.extend(all.map(|member| (owner, member, number)));
            return;
        }
        let fatal = match min_alive {
            0 => NEVER,
            _ if min_alive > count => {
                self.short.push((owner, number));
                0
            }
            _ => count - min_alive + 1,
        };
        self.groups.push((owner, number, fatal, kept as u32));
    }

    /// The graph.
    ///
    /// # Errors
    /// When an owner or a member is no node, or there are 2³¹ nodes or memberships or more.
    pub fn build(self) -> Result<AndOr, TooLarge> {
        let Self { nodes, mut needs, groups, members, mut short, too_large, .. } = self;
        if let Some(too_large) = too_large {
            return Err(too_large);
        }
        if !needs.is_sorted() {
            needs.sort_unstable();
        }
        needs.dedup_by_key(|(owner, member, _)| (*owner, *member));
        let pairs = needs.iter().map(|(owner, member, _)| (*owner, *member));
        let needed = Lists::new(nodes, pairs);
        let need_numbers = needs.into_iter().map(|(.., number)| number).collect();
        // Stable, so that the groups of an owner stay in the order in which they were given.
        let mut order: Vec<u32> = (0..groups.len() as u32).collect();
        order.sort_by_key(|group| groups[*group as usize].0);
        let of = |group: &u32| groups[*group as usize];
        let members_of = |group: u32| {
            let start = group.checked_sub(1).map_or(0, |before| groups[before as usize].3);
            &members[start as usize..groups[group as usize].3 as usize]
        };
        let pairs = (0_u32..).zip(&order).flat_map(|(place, group)| {
            members_of(*group).iter().map(move |member| (place, *member))
        });
        let group_members = Lists::new(order.len() as u32, pairs);
        let owners: Vec<u32> = order.iter().map(|group| of(group).0).collect();
        let groups_of = Lists::new(nodes, owners.iter().copied().zip(0..));
        let codes = needed
            .pairs()
            .map(|(owner, member)| (member, owner))
            .chain(group_members.pairs().map(|(group, member)| (member, group | GROUP)));
        let dependents = Lists::new(nodes, codes);
        short.sort_unstable();
        short.dedup_by_key(|(owner, _)| *owner);
        Ok(AndOr {
            nodes,
            numbers: order.iter().map(|group| of(group).1).collect(),
            fatal: order.iter().map(|group| of(group).2).collect(),
            needed,
            need_numbers,
            groups_of,
            group_members,
            owners,
            dependents,
            short,
        })
    }
}

/// An AND/OR graph. Groups of which every member is needed are kept as single needs; the others,
/// which can lose a member and hold, are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AndOr {
    nodes: u32,
    needed: Lists,
    need_numbers: Vec<u32>,
    groups_of: Lists,
    group_members: Lists,
    owners: Vec<u32>,
    numbers: Vec<u32>,
    fatal: Vec<u32>,
    dependents: Lists,
    short: Vec<(u32, u32)>,
}

impl AndOr {
    /// Nodes.
    pub fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The members whose loss alone fails a node, in order, each once.
    pub fn needed(&self, node: u32) -> &[u32] {
        self.needed.row(node)
    }

    /// How many nodes and groups a loss counts against.
    pub fn fan_in(&self, node: u32) -> usize {
        self.dependents.range(node).len()
    }

    /// The nodes that cannot do without a node, in order.
    pub fn needed_by(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        self.dependents.row(node).iter().copied().take_while(|code| code & GROUP == 0)
    }

    /// Whose needs and counted groups name a node.
    pub(crate) fn owners_of(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        self.dependents(node).map(|dependent| match dependent {
            Dependent::Node(owner) => owner,
            Dependent::Group(group) => self.owner(group),
        })
    }

    /// The number of the first group through which `owner` needs `member` alone.
    pub(crate) fn need_number(&self, owner: u32, member: u32) -> Option<u32> {
        let range = self.needed.range(owner);
        let place = self.needed.row(owner).binary_search(&member).ok()?;
        self.need_numbers.get(range.start + place).copied()
    }

    /// The counted groups of a node, which are neighbours.
    pub(crate) fn groups_of(&self, node: u32) -> Range<u32> {
        match self.groups_of.row(node) {
            [first, .., last] => *first..*last + 1,
            [only] => *only..*only + 1,
            [] => 0..0,
        }
    }

    /// Every member of a node's counted groups.
    pub(crate) fn grouped(&self, node: u32) -> &[u32] {
        self.group_members.span(self.groups_of(node))
    }

    /// How many groups are counted.
    pub(crate) fn group_count(&self) -> usize {
        self.owners.len()
    }

    /// Members of a counted group, in order.
    pub(crate) fn members(&self, group: u32) -> &[u32] {
        self.group_members.row(group)
    }

    /// Whose a counted group is.
    pub(crate) fn owner(&self, group: u32) -> u32 {
        self.owners[group as usize]
    }

    /// The number under which a counted group was given.
    pub(crate) fn number(&self, group: u32) -> u32 {
        self.numbers[group as usize]
    }

    /// How many losses make a counted group short: 0 when it is so from the start, `NEVER` when it
    /// holds for ever.
    pub(crate) fn fatal(&self, group: u32) -> u32 {
        self.fatal[group as usize]
    }

    /// What a loss counts against: first nodes, then groups, each in order.
    pub(crate) fn dependents(&self, node: u32) -> impl ExactSizeIterator<Item = Dependent> + '_ {
        self.dependents.row(node).iter().map(|code| match code & GROUP {
            0 => Dependent::Node(*code),
            _ => Dependent::Group(code & !GROUP),
        })
    }

    /// The nodes with a group that is short from the start, each with the first such group's number.
    pub(crate) fn short(&self) -> &[(u32, u32)] {
        &self.short
    }

    /// The node at a place of what a node leads to, single needs first; for walks without a stack.
    pub(crate) fn far(&self, node: u32, place: usize) -> Option<u32> {
        let needed = self.needed(node);
        match needed.get(place) {
            Some(far) => Some(*far),
            None => self.grouped(node).get(place - needed.len()).copied(),
        }
    }
}
