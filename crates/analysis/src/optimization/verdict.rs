//! Whether a plan is fit for its work (spec 6.2): it is not when the statement reads more than 20 times the
//! rows that pass its filters and over 100,000 in all, spills, has a Cartesian product or a scan of all
//! nodes, holds more than 10,000 rows back, or misestimates by more than 100 times. A statement that must
//! do so says why in its header: `Allows rows_read: the whole window is summed`.

use std::collections::BTreeMap;

use model::fact::{OperatorKind, Plan};

use super::facts::rows_kept;

/// Rows read for one that passes, at most.
const READ_FOR_ONE_MAX: f64 = 20.0;
/// Rows that may be read whatever passes.
const READ_MAX: f64 = 100_000.0;
/// Rows that an eager operator may hold: a batch.
const EAGER_MAX: f64 = 10_000.0;
/// Times that an estimate may be off.
const MISESTIMATE_MAX: f64 = 100.0;
/// Below this many rows an estimate does no harm.
const MISESTIMATE_ROWS_MIN: f64 = 1_000.0;

/// What is wrong with a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The rule of that name.
    pub rule: &'static str,
    /// Place of the operator; `None` for the whole.
    pub place: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// Why the statement must do so, as its header says.
    pub allowed: Option<String>,
}

/// What is wrong with a plan of a statement of this text, in order of rule and place.
pub fn faults(plan: &Plan, text: &str) -> Vec<Fault> {
    let allowed = allowed(text);
    let mut found = Vec::new();
    let mut put = |rule: &'static str, place: Option<usize>, what: String| {
        found.push(Fault { rule, place, what, allowed: allowed.get(rule).cloned() });
    };
    let (mut read, mut kept) = (0.0, 0.0);
    for (place, node) in plan.nodes.iter().enumerate() {
        if let (Some(taken), Some(passed)) = (node.rows_read, rows_kept(plan, place)) {
            read += taken;
            kept += passed;
        }
        match node.kind {
            OperatorKind::CartesianProduct if is_many(plan, place) => {
                put("cartesian_product", Some(place), "pairs everything with everything".into());
            }
            OperatorKind::AllNodesScan => {
                put("all_nodes_scan", Some(place), "reads every node of the graph".into());
            }
            OperatorKind::Eager => {
                let held = node.rows.or(node.rows_estimated).unwrap_or(0.0);
                if held > EAGER_MAX {
                    put("eager", Some(place), format!("holds {} rows back", grouped(held)));
                }
            }
            _ => {}
        }
        if let Some(bytes) = node.spilled_bytes.filter(|bytes| *bytes > 0) {
            put(
                "spill",
                Some(place),
                format!("{} bytes did not fit in memory", grouped(bytes as f64)),
            );
        }
        if let Some(factor) = misestimate(plan, place) {
            put(
                "misestimate",
                Some(place),
                format!("rows were misjudged {} times", grouped(factor)),
            );
        }
    }
    if read > READ_MAX && read > READ_FOR_ONE_MAX * kept.max(1.0) {
        put(
            "rows_read",
            None,
            format!("reads {} rows for {} that pass", grouped(read), grouped(kept)),
        );
    }
    found.sort_by(|one, other| (one.rule, one.place).cmp(&(other.rule, other.place)));
    found
}

/// Whether a product has more than one row on each side: with one it is no more than the other side.
fn is_many(plan: &Plan, place: usize) -> bool {
    plan.inputs(place).into_iter().all(|input| {
        let node = &plan.nodes[input];
        node.rows.or(node.rows_estimated).is_none_or(|rows| rows > 1.0)
    })
}

/// By how many times the rows of an operator were misjudged, when it is too much. What ends early gives
/// fewer rows than it could, and where nothing was found nothing was done in vain.
pub fn misestimate(plan: &Plan, place: usize) -> Option<f64> {
    let node = &plan.nodes[place];
    let (expected, found) = (node.rows_estimated?.max(1.0), node.rows.filter(|rows| *rows > 0.0)?);
    let is_cut = plan.is_cut_short(place) && found < expected;
    let factor = (expected / found).max(found / expected);
    let is_large = expected.max(found) >= MISESTIMATE_ROWS_MIN;
    (factor > MISESTIMATE_MAX && is_large && !is_cut).then_some(factor)
}

/// A whole number with its thousands apart: `1,204,118`.
pub fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.max(0.0));
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the header of a statement allows, with its reason.
fn allowed(text: &str) -> BTreeMap<String, String> {
    let header = text.lines().map_while(|line| {
        let line = line.trim();
        line.strip_prefix("--").or_else(|| line.strip_prefix("//"))
    });
    let said = header.filter_map(|line| {
        let (rule, reason) = line.split_once("Allows ")?.1.split_once(':')?;
        Some((rule.trim().to_owned(), reason.trim().to_owned()))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::PlanNode;

    fn scan(read: f64, kept: f64) -> Plan {
        let mut node = PlanNode::new(0, OperatorKind::TableScan, "Seq Scan");
        (node.rows_read, node.rows, node.rows_estimated) = (Some(read), Some(kept), Some(kept));
        Plan { is_measured: true, seconds: Some(1.0), nodes: vec![node] }
    }

    fn rules(plan: &Plan, text: &str) -> Vec<(&'static str, bool)> {
        faults(plan, text).iter().map(|one| (one.rule, one.allowed.is_some())).collect()
    }

    #[test]
    fn the_limits_are_those_of_the_definition() {
        assert_eq!(rules(&scan(100_000.0, 1.0), ""), []);
        assert_eq!(rules(&scan(2_100_000.0, 100_001.0), ""), [("rows_read", false)]);
        assert_eq!(rules(&scan(2_000_000.0, 100_001.0), ""), []);
        let text = "-- one: what.\n-- Allows rows_read: the whole window is summed.\nSELECT 1";
        assert_eq!(rules(&scan(500_000.0, 1.0), text), [("rows_read", true)]);
    }

    #[test]
    fn an_estimate_may_be_off_where_it_does_no_harm() {
        let mut plan = scan(10.0, 10.0);
        (plan.nodes[0].rows_estimated, plan.nodes[0].rows) = (Some(1.0), Some(900.0));
        assert_eq!(rules(&plan, ""), []);
        plan.nodes[0].rows = Some(5_000.0);
        assert_eq!(rules(&plan, ""), [("misestimate", false)]);
        let mut limit = PlanNode::new(0, OperatorKind::Limit, "Limit");
        (limit.rows_estimated, limit.rows) = (Some(1.0), Some(1.0));
        let mut below = plan.nodes.remove(0);
        (below.depth, below.rows_estimated, below.rows) = (1, Some(90_000.0), Some(1.0));
        plan.nodes = vec![limit, below];
        assert_eq!(rules(&plan, ""), []);
    }

    #[test]
    fn spills_products_and_scans_of_everything_are_named() {
        let mut plan = scan(1.0, 1.0);
        plan.nodes[0].kind = OperatorKind::AllNodesScan;
        plan.nodes[0].spilled_bytes = Some(1);
        plan.nodes.push(PlanNode::new(1, OperatorKind::CartesianProduct, "CartesianProduct"));
        let mut eager = PlanNode::new(1, OperatorKind::Eager, "Eager");
        eager.rows = Some(10_000.0);
        plan.nodes.push(eager);
        let expected = [("all_nodes_scan", false), ("cartesian_product", false), ("spill", false)];
        assert_eq!(rules(&plan, ""), expected);
        plan.nodes[2].rows = Some(10_001.0);
        assert_eq!(rules(&plan, "// Allows eager: a batch.")[2], ("eager", true));
    }
}
