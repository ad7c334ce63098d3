//! What people decide: checked, carried out where it has an effect of its own, and kept.

use analysis::Viewer;
use jiff::Timestamp;
use model::decision::{
    Decision, DecisionAction, DecisionTarget, DeliveryChoice, NewDecision, RuleSet,
    WaitingRetirement,
};
use model::fact::BillFact;
use model::seam::DataKind;
use model::{Micros, StoreError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Estate;
use crate::problem::Problem;

/// Longest reason and longest author, in bytes.
const REASON_BYTES_MAX: usize = 2_000;
const AUTHOR_BYTES_MAX: usize = 200;
/// Longest target, in bytes.
const TARGET_BYTES_MAX: usize = 4_096;
/// Names of missing entities that are listed of one retirement.
const MISSING_MAX: usize = 20;
/// Longest list of rules, in bytes.
const RULES_BYTES_MAX: usize = 1 << 20;

/// A decision as a caller asks for it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionRequest {
    /// About what: `savings:RULE:ENTITY`, `risk:CLASS:ENTITY`, `check:NAME:ENTITY`, or the target that
    /// the list of what waits gives.
    pub target: String,
    /// `accept`, `dismiss`, `done`, `confirm`, `replace`, `add` or `undo`.
    pub action: String,
    /// Why; 1 to 2,000 bytes.
    pub reason: String,
    /// Who; without it the user who runs the server.
    pub author: Option<String>,
    /// It holds before this instant or date only.
    pub until: Option<String>,
}

/// What is decided and what waits.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecisionList {
    /// Every decision, newest first, undone ones too.
    pub decisions: Vec<ListedDecision>,
    /// Held retirements, oldest first.
    pub waiting_retirements: Vec<WaitingRetirementFact>,
    /// Held deliveries, newest period first.
    pub waiting_deliveries: Vec<WaitingDelivery>,
}

/// A decision and whether it holds now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListedDecision {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// Whether it holds now: the latest about its target, no undo, not past its end.
    pub is_in_force: bool,
}

/// A retirement that waits for `confirm`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WaitingRetirementFact {
    /// What to confirm.
    pub target: DecisionTarget,
    /// Kind of what is missing.
    pub kind: model::EntityKind,
    /// Source of the export.
    pub source: String,
    /// Instant of the export that lacked them.
    pub at: Timestamp,
    /// How many are missing.
    pub missing_count: u64,
    /// How many of the kind the export left.
    pub left_count: u64,
    /// Canonical ids of what is missing, in order, at most 20.
    pub missing: Vec<String>,
}

/// A delivery that waits for `replace` or `add`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WaitingDelivery {
    /// What to decide about.
    pub target: DecisionTarget,
    /// The delivery.
    pub delivery: BillFact,
}

impl Estate {
    /// What is decided and what waits.
    ///
    /// # Errors
    /// As any read.
    pub async fn decision_list(&self) -> Result<DecisionList, StoreError> {
        let all = self.records().decisions().await?;
        let now = Micros::of(Timestamp::now());
        let held = analysis::decision::Decisions::at(&all, now);
        let is_latest = |one: &Decision| {
            !all.iter().any(|other| other.target == one.target && other.id > one.id)
        };
        let mut decisions: Vec<ListedDecision> = all
            .iter()
            .map(|one| ListedDecision {
                decision: one.clone(),
                is_in_force: is_latest(one) && held.of(&one.target).is_some(),
            })
            .collect();
        decisions.reverse();
        let waiting = self.topology().held_waiting().await?;
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        let bills = self.telemetry().bills(&ctx).await?;
        Ok(DecisionList {
            decisions,
            waiting_retirements: waiting.into_iter().map(waiting_fact).collect(),
            waiting_deliveries: bills
                .into_iter()
                .filter(waits)
                .map(|delivery| WaitingDelivery { target: target_of(&delivery), delivery })
                .collect(),
        })
    }

    /// Checks a decision, carries it out, and keeps it.
    ///
    /// # Errors
    /// 400 names the field; 404 when what it is about does not exist or waits for nothing.
    pub async fn decide(&self, request: &DecisionRequest) -> Result<Decision, Problem> {
        let new = checked(request)?;
        self.exists(&new).await?;
        self.carry_out(&new).await?;
        let decision = self.records().decision_put(&new).await?;
        let mut kinds = vec![DataKind::Decisions];
        if matches!(new.target, DecisionTarget::Delivery(_)) {
            kinds.push(DataKind::Charges);
        }
        self.tell(kinds);
        Ok(decision)
    }

    /// Whether there is anything to decide about.
    async fn exists(&self, new: &NewDecision) -> Result<(), Problem> {
        if new.action == DecisionAction::Undo {
            let all = self.records().decisions().await?;
            let held = analysis::decision::Decisions::at(&all, Micros::of(new.decided_at));
            return match held.of(&new.target) {
                None => Err(Problem::not_found(format!("no decision about {} holds", new.target))),
                Some(fact) if fact.action == DecisionAction::Confirm => {
                    let detail = "what was confirmed has ended; it is back with the next input \
                                  that shows it";
                    Err(Problem::bad_request("action", detail))
                }
                Some(_) => Ok(()),
            };
        }
        if new.action == DecisionAction::Done {
            let all = self.records().decisions().await?;
            let held = analysis::decision::Decisions::at(&all, Micros::of(new.decided_at));
            let is_accepted =
                held.of(&new.target).is_some_and(|fact| fact.action == DecisionAction::Accept);
            if !is_accepted {
                let detail = "accept it first; only what was accepted can be done";
                return Err(Problem::bad_request("action", detail));
            }
        }
        let Some(entity) = new.target.entity() else { return Ok(()) };
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        let page = self.topology().entity(&ctx, entity, 1).await?;
        if page.entity.id != entity {
            let detail = format!("name the entity by its canonical id, {}", page.entity.id);
            return Err(Problem::bad_request("target", detail));
        }
        Ok(())
    }

    /// A held retirement ends what it names; a held delivery counts.
    async fn carry_out(&self, new: &NewDecision) -> Result<(), Problem> {
        match &new.target {
            DecisionTarget::Retirement(_) => {
                let waiting = self.topology().held_waiting().await?;
                let is_asked = |one: &&WaitingRetirement| {
                    DecisionTarget::of_retirement(&one.held) == new.target
                };
                let Some(one) = waiting.iter().find(is_asked) else {
                    return Err(Problem::not_found(format!("{} does not wait", new.target)));
                };
                self.writer()?.confirm(&one.held).await?;
            }
            DecisionTarget::Delivery(text) => {
                let key = text
                    .parse()
                    .map_err(|reason: String| Problem::bad_request("target", reason))?;
                let choice = match new.action {
                    DecisionAction::Replace => Some(DeliveryChoice::Replace),
                    DecisionAction::Add => Some(DeliveryChoice::Add),
                    _ => None,
                };
                self.is_open(new).await?;
                self.telemetry().delivery_choose(&key, choice).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A delivery can be decided about while it waits, or while a decision about it holds.
    async fn is_open(&self, new: &NewDecision) -> Result<(), Problem> {
        let all = self.records().decisions().await?;
        let held = analysis::decision::Decisions::at(&all, Micros::of(new.decided_at));
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        let bills = self.telemetry().bills(&ctx).await?;
        let is_waiting = |bill: &BillFact| waits(bill) && target_of(bill) == new.target;
        if held.of(&new.target).is_some() || bills.iter().any(is_waiting) {
            return Ok(());
        }
        Err(Problem::not_found(format!("{} does not wait", new.target)))
    }

    /// The rules in force; `None` when none were ever put.
    ///
    /// # Errors
    /// As any read.
    pub async fn rules(&self) -> Result<Option<RuleSet>, StoreError> {
        self.records().rules().await
    }

    /// Puts rules in force.
    ///
    /// # Errors
    /// 400 when they cannot be understood.
    pub async fn put_rules(&self, text: &str, author: Option<&str>) -> Result<RuleSet, Problem> {
        let author = author_of(author)?;
        checked_rules(text)?;
        let at = Micros::of(Timestamp::now());
        let rules = self.records().rules_put(text, &author, at).await?;
        self.tell(vec![DataKind::Decisions]);
        Ok(rules)
    }
}

/// Whether a delivery is whole and held; one whose files still arrive waits for these.
fn waits(bill: &BillFact) -> bool {
    let is_arriving = || bill.reason.as_deref().is_some_and(|reason| reason.ends_with("arriving"));
    bill.state == "held" && !is_arriving()
}

/// The rules of a text.
///
/// # Errors
/// 400 that names the rule and what is wrong with it.
pub fn checked_rules(text: &str) -> Result<Vec<analysis::rule::UserRule>, Problem> {
    if text.len() > RULES_BYTES_MAX {
        let detail = format!("the list is longer than {RULES_BYTES_MAX} bytes");
        return Err(Problem::bad_request("rules", detail));
    }
    analysis::rule::rules_of(text).map_err(|reason| Problem::bad_request("rules", reason))
}

fn waiting_fact(one: WaitingRetirement) -> WaitingRetirementFact {
    WaitingRetirementFact {
        target: DecisionTarget::of_retirement(&one.held),
        kind: one.held.completeness.kind,
        source: one.held.source.clone(),
        at: one.held.at.timestamp(),
        missing_count: one.missing.len() as u64,
        left_count: one.held.left,
        missing: one.missing.into_iter().take(MISSING_MAX).collect(),
    }
}

fn target_of(bill: &BillFact) -> DecisionTarget {
    let (format, account) = (bill.format.as_str(), &bill.billing_account);
    DecisionTarget::of_delivery(format, account, bill.billing_period, &bill.name)
}

fn checked(request: &DecisionRequest) -> Result<NewDecision, Problem> {
    let bad = Problem::bad_request;
    if request.target.len() > TARGET_BYTES_MAX || request.target.chars().any(char::is_control) {
        return Err(bad("target", format!("is longer than {TARGET_BYTES_MAX} bytes or no text")));
    }
    let target: DecisionTarget =
        request.target.parse().map_err(|reason: String| bad("target", reason))?;
    let action: DecisionAction =
        request.action.parse().map_err(|reason: String| bad("action", reason))?;
    if action != DecisionAction::Undo && !target.actions().contains(&action) {
        let words: Vec<&str> = target.actions().iter().map(|one| one.as_str()).collect();
        let detail = format!("{target} takes {} or undo", words.join(" or "));
        return Err(bad("action", detail));
    }
    let reason = request.reason.trim();
    if reason.is_empty() || reason.len() > REASON_BYTES_MAX {
        return Err(bad("reason", format!("give a reason of at most {REASON_BYTES_MAX} bytes")));
    }
    let decided_at = Timestamp::now();
    let until = match request.until.as_deref().filter(|text| !text.trim().is_empty()) {
        None => None,
        Some(text) => Some(model::time::instant(text).map_err(|reason| bad("until", reason))?),
    };
    if until.is_some_and(|until| until <= decided_at) {
        return Err(bad("until", "is not in the future".to_owned()));
    }
    Ok(NewDecision {
        target,
        action,
        author: author_of(request.author.as_deref())?,
        reason: reason.to_owned(),
        decided_at,
        until,
    })
}

/// Who decides: as stated, else the user whose process this is.
fn author_of(stated: Option<&str>) -> Result<String, Problem> {
    let user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let stated = stated.map(str::trim).filter(|author| !author.is_empty()).map(str::to_owned);
    let author = stated.or_else(user).unwrap_or_else(|| "local user".to_owned());
    if author.len() > AUTHOR_BYTES_MAX || author.chars().any(char::is_control) {
        let detail = format!("is longer than {AUTHOR_BYTES_MAX} bytes or holds control characters");
        return Err(Problem::bad_request("author", detail));
    }
    Ok(author)
}
