//! The rows put together: nodes by their number, relations between them, what each hangs by, and what
//! the newest sync no longer saw.

use std::collections::{BTreeMap, HashMap};

use model::Micros;
use serde_json::{Map, Value};

use super::label::{Family, Label, of_node};
use super::relation::{self, Meaning};
use super::row::{self, Row};

/// A node.
#[derive(Debug)]
pub struct Node {
    /// What it is; `None` when its label is not read.
    pub label: Option<&'static Label>,
    /// All its labels.
    pub labels: Vec<String>,
    /// Its properties.
    pub properties: Value,
    /// The account or cluster that it hangs by.
    pub tenant: Option<usize>,
    /// Whether a row is about it; else it is only named by a relation.
    pub is_whole: bool,
    /// Whether the newest sync of its account or cluster did not see it.
    pub is_stale: bool,
}

impl Node {
    /// What it is.
    pub fn family(&self) -> Option<Family> {
        self.label.map(|label| label.family)
    }

    /// The first of these properties that is a text or a number.
    pub fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| match self.properties.get(*name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// When a sync last saw it.
    pub fn seen_at(&self) -> Option<Micros> {
        tag(self.properties.get("lastupdated"))
    }

    fn name(&self) -> String {
        self.label.map_or_else(|| self.labels.join(":"), |label| label.names[0].to_owned())
    }
}

/// A relation that is read.
#[derive(Debug)]
pub struct Link {
    /// What it is.
    pub meaning: Meaning,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its properties.
    pub properties: Map<String, Value>,
}

/// Everything of an input.
#[derive(Debug, Default)]
pub struct Graph {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Relations, once [`Graph::settle`] was called.
    pub links: Vec<Link>,
    /// What is not read and why, with how often.
    pub unread: BTreeMap<(String, &'static str), u64>,
    numbers: HashMap<String, usize>,
    relationships: Vec<(String, usize, usize, Map<String, Value>)>,
}

/// Most that one reject stands for: sums of what a file states stay numbers.
const COUNT_MAX: u64 = 1 << 40;
const LABEL: &str = "nodes of this label are not read";
const TYPE: &str = "relations of this type are not read";
const ENDS: &str = "relations of this type are not read between these ends";
const STALE: &str = "not seen by the newest sync of its account or cluster; Cartography's cleanup \
                     deletes what is gone";
const STALE_RELATION: &str =
    "a relation that the newest sync of its account or cluster did not see";

impl Graph {
    /// Takes in a row.
    pub fn take(&mut self, row: Row) {
        match row {
            Row::Node(node) => {
                self.number(node, true);
            }
            Row::Relationship(one) => {
                let one = *one;
                let ends = (self.number(one.start, false), self.number(one.end, false));
                self.relationships.push((one.label, ends.0, ends.1, one.properties));
            }
            Row::Count(count) => match count.label {
                Some(name) => self.leave(name, TYPE, count.count),
                None => self.leave(count.labels.join(":"), LABEL, count.count),
            },
        }
    }

    fn leave(&mut self, what: String, reason: &'static str, count: u64) {
        if count > 0 {
            let held = self.unread.entry((what, reason)).or_default();
            *held = held.saturating_add(count).min(COUNT_MAX);
        }
    }

    /// The number of a node; what is known of it adds up.
    fn number(&mut self, row: row::Node, is_whole: bool) -> usize {
        let at = *self.numbers.entry(row.id).or_insert(self.nodes.len());
        if at == self.nodes.len() {
            self.nodes.push(Node {
                label: of_node(&row.labels),
                labels: row.labels,
                properties: Value::Object(row.properties),
                tenant: None,
                is_whole,
                is_stale: false,
            });
            return at;
        }
        let node = &mut self.nodes[at];
        if is_whole || node.labels.is_empty() {
            node.label = of_node(&row.labels).or(node.label);
            node.labels = row.labels;
            node.is_whole |= is_whole;
        }
        if let Value::Object(known) = &mut node.properties {
            known.extend(row.properties);
        }
        at
    }

    /// Works out what each relation is, what each node hangs by, and what is stale.
    pub fn settle(&mut self) {
        for (at, node) in self.nodes.iter().enumerate() {
            if node.is_whole && matches!(node.family(), Some(Family::Account | Family::Cluster)) {
                // An account or cluster hangs by itself.
                self.links.push(Link {
                    meaning: Meaning::Holds,
                    start: at,
                    end: at,
                    properties: Map::new(),
                });
            }
        }
        for (name, start, end, properties) in std::mem::take(&mut self.relationships) {
            let (from, to) = (self.nodes[start].family(), self.nodes[end].family());
            let meaning = from.zip(to).and_then(|(from, to)| relation::meaning(&name, from, to));
            let Some(meaning) = meaning else {
                let ends = format!(
                    "({})-[:{name}]->({})",
                    self.nodes[start].name(),
                    self.nodes[end].name()
                );
                self.leave(ends, ENDS, 1);
                continue;
            };
            self.links.push(Link { meaning, start, end, properties });
        }
        self.hang();
        self.age();
        let is_whole = |node: &&Node| node.is_whole && node.label.is_none();
        let unread: Vec<String> = self.nodes.iter().filter(is_whole).map(Node::name).collect();
        for name in unread {
            self.leave(name, LABEL, 1);
        }
    }

    fn hang(&mut self) {
        for link in self.links.iter().filter(|link| link.meaning == Meaning::Holds) {
            let is_tenant =
                matches!(self.nodes[link.start].family(), Some(Family::Account | Family::Cluster));
            if is_tenant {
                self.nodes[link.end].tenant = Some(link.start);
            }
        }
    }

    /// A node is stale when another of the same label and account or cluster was seen later: never
    /// compared with other labels, whose syncs may run at other times, or with now. So are relations,
    /// by the labels of their ends and their meaning.
    fn age(&mut self) {
        let mut newest: HashMap<(Option<usize>, &str), Option<Micros>> = HashMap::new();
        let key = |node: &Node| (node.tenant, node.label.map_or("", |label| label.names[0]));
        for node in self.nodes.iter().filter(|node| node.is_whole && node.label.is_some()) {
            let seen = newest.entry(key(node)).or_default();
            *seen = (*seen).max(node.seen_at());
        }
        let mut stale = Vec::new();
        for node in self.nodes.iter_mut().filter(|node| node.is_whole && node.label.is_some()) {
            // Nodes that hang by nothing are each of a sync of their own.
            if node.tenant.is_some() && node.seen_at() < newest[&key(node)] {
                node.is_stale = true;
                stale.push(node.name());
            }
        }
        let of_link = |nodes: &[Node], link: &Link| {
            let (start, end) = (&nodes[link.start], &nodes[link.end]);
            (start.tenant, start.name(), end.name(), format!("{:?}", link.meaning))
        };
        let mut newest: HashMap<_, Option<Micros>> = HashMap::new();
        for link in &self.links {
            let seen = newest.entry(of_link(&self.nodes, link)).or_default();
            *seen = (*seen).max(tag(link.properties.get("lastupdated")));
        }
        let nodes = &self.nodes;
        let before = self.links.len();
        self.links.retain(|link| {
            let tag = tag(link.properties.get("lastupdated"));
            let is_stale = link.start != link.end
                && nodes[link.start].tenant.is_some()
                && tag < newest[&of_link(nodes, link)];
            !is_stale
        });
        let left_out = (before - self.links.len()) as u64;
        if left_out > 0 {
            self.leave("relations".to_owned(), STALE_RELATION, left_out);
        }
        for name in stale {
            self.leave(name, STALE, 1);
        }
    }
}

/// The instant of a sync, which is written in seconds.
fn tag(value: Option<&Value>) -> Option<Micros> {
    value?.as_i64()?.checked_mul(Micros::SECOND).map(Micros)
}
