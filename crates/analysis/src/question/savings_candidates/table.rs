//! The tables of `savings_candidates`.

use model::measure::Money;
use model::table::{Cell, Table};
use serde_json::Value;

use super::shape::{SavingsCandidate, SavingsCandidatesAnswer};

impl SavingsCandidatesAnswer {
    /// Candidates, totals, rules, and the figures behind the candidates.
    pub(super) fn tables(&self) -> Vec<Table> {
        vec![self.candidates(), self.totals(), self.rules(), self.figures()]
    }

    fn candidates(&self) -> Table {
        let mut table = Table::new(
            "candidates",
            &[
                ("rule", "Rule", Cell::Text, ""),
                ("entity", "Entity", Cell::Text, ""),
                ("owner", "Owner", Cell::Text, ""),
                ("evidence", "Evidence", Cell::Text, ""),
                ("saving", "Saving a month", Cell::Amount, ""),
                ("currency", "Currency", Cell::Text, ""),
                ("safe", "Safe", Cell::Text, ""),
                ("effort", "Effort", Cell::Text, ""),
                ("risk", "Risk", Cell::Text, ""),
                ("confidence", "Confidence", Cell::Text, ""),
                ("billed", "Billed a month", Cell::Amount, ""),
                ("effective", "Effective a month", Cell::Amount, ""),
                ("saving_after_commitment", "Saving after the commitment", Cell::Amount, ""),
                ("commitment_end", "Commitment ends", Cell::Instant, ""),
                ("saving_basis", "Saving is", Cell::Text, ""),
                ("saving_source", "Saving by", Cell::Text, ""),
                ("is_counted", "Counts", Cell::Flag, ""),
                ("decision", "Decision", Cell::Text, ""),
                ("kind", "Kind", Cell::Text, ""),
                ("account", "Account", Cell::Text, ""),
                ("region", "Region", Cell::Text, ""),
                ("action", "Action", Cell::Text, ""),
                ("safe_reasons", "Why safe or not", Cell::Text, ""),
                ("target", "Target of a decision", Cell::Text, ""),
            ],
        );
        table.rows.extend(self.candidates.iter().map(row));
        table
    }

    fn totals(&self) -> Table {
        let mut table = Table::new(
            "totals",
            &[
                ("currency", "Currency", Cell::Text, ""),
                ("saving", "Saving a month", Cell::Amount, ""),
                ("safe_saving", "Of it safe", Cell::Amount, ""),
                ("total_cost", "Cost a month", Cell::Amount, ""),
                ("entities", "Entities", Cell::Count, ""),
            ],
        );
        for total in &self.totals {
            table.rows.push(vec![
                total.currency.clone().into(),
                amount(Some(&total.saving)),
                amount(Some(&total.safe_saving)),
                amount(Some(&total.total_cost)),
                total.entities.into(),
            ]);
        }
        table
    }

    fn rules(&self) -> Table {
        let mut table = Table::new(
            "rules",
            &[
                ("rule", "Rule", Cell::Text, ""),
                ("candidates", "Candidates", Cell::Count, ""),
                ("looked_at", "Looked at", Cell::Count, ""),
                ("is_evaluated", "Evaluated", Cell::Flag, ""),
                ("reason", "Why not, or which part not", Cell::Text, ""),
                ("about", "Looks for", Cell::Text, ""),
                ("needs", "Needs", Cell::Text, ""),
            ],
        );
        for rule in &self.rules {
            table.rows.push(vec![
                rule.rule.clone().into(),
                rule.candidates.into(),
                rule.looked_at.into(),
                rule.is_evaluated.into(),
                rule.reason.clone().into(),
                rule.about.clone().into(),
                rule.needs.clone().into(),
            ]);
        }
        table
    }

    fn figures(&self) -> Table {
        let mut table = Table::new(
            "figures",
            &[
                ("target", "Candidate", Cell::Text, ""),
                ("figure", "Figure", Cell::Text, ""),
                ("value", "Value", Cell::Number, ""),
                ("unit", "Unit", Cell::Text, ""),
            ],
        );
        for candidate in &self.candidates {
            for figure in &candidate.figures {
                table.rows.push(vec![
                    candidate.target.clone().into(),
                    figure.name.clone().into(),
                    figure.value.value.into(),
                    figure.value.unit.clone().into(),
                ]);
            }
        }
        table
    }
}

fn row(one: &SavingsCandidate) -> Vec<Value> {
    let saving = one.saving.as_ref();
    let cost = one.monthly_cost.as_ref();
    let currency = saving
        .map(|saving| &saving.now.currency)
        .or_else(|| cost.map(|cost| &cost.effective.currency));
    vec![
        one.rule.clone().into(),
        one.entity.name.clone().into(),
        one.owner.clone().into(),
        one.evidence.clone().into(),
        amount(saving.map(|saving| &saving.now)),
        currency.cloned().into(),
        word(&one.safe.answer),
        word(&one.effort),
        word(&one.risk),
        one.confidence.as_str().into(),
        amount(cost.map(|cost| &cost.billed)),
        amount(cost.map(|cost| &cost.effective)),
        amount(saving.and_then(|saving| saving.after_commitment.as_ref())),
        saving.and_then(|saving| saving.commitment_end).map(|end| end.to_string()).into(),
        saving.map_or(Value::Null, |saving| word(&saving.basis)),
        saving.map(|saving| saving.source.clone()).or_else(|| one.saving_detail.clone()).into(),
        one.is_counted.into(),
        one.decision.as_ref().map(|decision| decision.action.as_str()).into(),
        one.entity.kind.as_str().into(),
        one.entity.scope.account.clone().into(),
        one.entity.scope.region.clone().into(),
        word(&one.action),
        one.safe.reasons.join("; ").into(),
        one.target.clone().into(),
    ]
}

fn amount(money: Option<&Money>) -> Value {
    money.and_then(|money| money.amount).map(|amount| amount.to_string()).into()
}

/// The word of a value on every wire.
fn word<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
