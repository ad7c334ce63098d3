//! Where a viewer's part of the organisation ends. Whoever sees a part only asks through seams that hold
//! every read to that part, whatever a question asks of them: rows of others never reach it. Two things
//! cross the border, so that what is true of the whole estate stays true: that something is there, with its
//! kind and its relations (`mask` takes its id, its name and whose it is), and the calls between things,
//! which name no one. What a question makes of these it says as "outside your scope".

mod mask;
mod record;
mod records;
mod telemetry;
mod topology;

use std::sync::Arc;

use model::envelope::Warning;
use model::scope::OrgScope;
use model::seam::DataKind;

use crate::ask::{AskContext, Viewer};
use crate::question::AnyQuestion;

pub(crate) use mask::masked;

/// What a viewer reads in place of the name of what lies outside.
pub(crate) const OUTSIDE: &str = "outside your scope";

/// A name as it stands within a sentence.
pub(crate) fn spoken(name: &str) -> &str {
    if name == OUTSIDE { "something outside your scope" } else { name }
}

/// Questions whose answer is narrowed to an account's part of the organisation from the stores' reads on,
/// with trials that no byte of another part is in it and that its figures are right. All others are refused
/// to such accounts: a split of shared charges and what nobody used of a commitment are of the whole bill.
const NARROWED: &[&str] = &[
    "topology",
    "application_architecture",
    "system_metrics",
    "cost_analysis",
    "cost_analysis/budget",
    "cost_analysis/drivers",
    "cost_analysis/outlook",
    "service_dependencies",
    "service_dependencies/blast_radius",
    "latency_heatmap",
    "latency_matrix",
    "service_trends",
    "incidents",
    "incidents/timeline",
    "business_value",
    "eks_clusters",
    "database_connections",
    "database_performance",
    "critical_paths",
    "critical_paths/what_if",
    "savings_candidates",
    "security_events",
];

/// What who may not ask is told.
pub const NOT_NARROWED: &str = "not available to an account with a scope yet";

impl Viewer {
    /// Whether a question may be asked: of who sees a part of the organisation, what is narrowed to it alone.
    pub fn may_ask(&self, question: &str) -> bool {
        self.org_scope == OrgScope::Everything || NARROWED.contains(&question)
    }
}

/// The same conditions with every seam held to the viewer's part; `None` for who sees everything.
pub(crate) fn bordered(ctx: &AskContext) -> Option<AskContext> {
    let scope = &ctx.viewer.org_scope;
    if *scope == OrgScope::Everything {
        return None;
    }
    let topology = Arc::new(topology::BorderedTopology::new(&ctx.topology, scope));
    let within = AskContext { topology, ..ctx.clone() };
    let records = records::BorderedRecords::new(&within);
    let telemetry = telemetry::BorderedTelemetry::new(&ctx.telemetry, within.clone());
    Some(AskContext { telemetry: Arc::new(telemetry), records: Arc::new(records), ..within })
}

/// What a viewer of a part must know of any sum of charges. It is the same whatever there is outside.
pub(crate) fn note(question: &dyn AnyQuestion, ctx: &AskContext) -> Option<Warning> {
    let is_of_charges = question.reads().contains(&DataKind::Charges);
    (ctx.viewer.org_scope != OrgScope::Everything && is_of_charges).then(|| {
        let message = "charges are those of your part of the organisation alone: what is billed to \
                       nothing in it, such as shared services, support, taxes and the unused part of \
                       commitments, is left out";
        Warning::new("scope", message)
    })
}

#[cfg(test)]
mod tests {
    use super::{NARROWED, OrgScope, Viewer};
    use crate::question::question_of;

    #[test]
    fn only_questions_there_are_stand_on_the_list() {
        for name in NARROWED {
            assert!(question_of(name).is_some(), "{name}");
        }
        let org_scope = OrgScope::Units(vec!["org://team/a".to_owned()]);
        let viewer = Viewer { org_scope };
        assert!(!viewer.may_ask("new_question") && viewer.may_ask("topology"));
        assert!(Viewer::default().may_ask("new_question"));
    }
}
