//! What people decide about what the program shows them, with author, reason and time, and the rules
//! that they state. Nothing is overwritten: an undo is a decision of its own.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, Serialize};

use crate::resolution::HeldRetirement;

/// What is decided.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DecisionAction {
    /// It is known and will be acted upon, or lived with.
    Accept,
    /// It is of no concern.
    Dismiss,
    /// What was accepted has been carried out.
    Done,
    /// A held retirement is right: what it names ended.
    Confirm,
    /// A held delivery replaces the one before.
    Replace,
    /// A held delivery adds to the one before.
    Add,
    /// What was decided before about the same target holds no more.
    Undo,
}

impl DecisionAction {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Accept,
        Self::Dismiss,
        Self::Done,
        Self::Confirm,
        Self::Replace,
        Self::Add,
        Self::Undo,
    ];

    /// The word used on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Dismiss => "dismiss",
            Self::Done => "done",
            Self::Confirm => "confirm",
            Self::Replace => "replace",
            Self::Add => "add",
            Self::Undo => "undo",
        }
    }
}

impl FromStr for DecisionAction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|one| one.as_str() == text);
        known.ok_or_else(|| {
            format!("`{text}` is none of accept, dismiss, done, confirm, replace, add, undo")
        })
    }
}

/// What a decision is about. As text: `savings:RULE:ENTITY`, `risk:CLASS:ENTITY`, `check:NAME:ENTITY`
/// (ENTITY a canonical id), `finding:WEAKNESS/PART@TARGET`,
/// `retirement:KIND[/CLASS]@PREFIX,SOURCE,INSTANT` and `delivery:FORMAT,ACCOUNT,MONTH,NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionTarget {
    /// A savings candidate: rule and entity.
    Savings(String, String),
    /// A risk: class and entity.
    Risk(String, String),
    /// A workload check: name and entity.
    Check(String, String),
    /// A security finding, by the text that `security_events` gives.
    Finding(String),
    /// A held retirement, by its own text.
    Retirement(String),
    /// A held delivery, by its own text.
    Delivery(String),
}

impl DecisionTarget {
    /// The target of a held retirement.
    pub fn of_retirement(held: &HeldRetirement) -> Self {
        let completeness = &held.completeness;
        let class = match completeness.class.as_str() {
            "" => String::new(),
            class => format!("/{class}"),
        };
        Self::Retirement(format!(
            "{}{class}@{},{},{}",
            completeness.kind, completeness.id_prefix, held.source, held.at
        ))
    }

    /// The target of a delivery: format, billing account, start of the billing period, name.
    pub fn of_delivery(format: &str, account: &str, period: Timestamp, name: &str) -> Self {
        Self::Delivery(format!("{format},{account},{},{name}", period.strftime("%Y-%m")))
    }

    /// The actions that such a target takes; an undo aside.
    pub fn actions(&self) -> &'static [DecisionAction] {
        use DecisionAction as A;
        match self {
            Self::Savings(..) => &[A::Accept, A::Dismiss, A::Done],
            Self::Risk(..) | Self::Check(..) => &[A::Accept, A::Dismiss],
            Self::Finding(_) => &[A::Dismiss],
            Self::Retirement(_) => &[A::Confirm],
            Self::Delivery(_) => &[A::Replace, A::Add],
        }
    }

    /// The entity it is about, if it is about one.
    pub fn entity(&self) -> Option<&str> {
        match self {
            Self::Savings(_, entity) | Self::Risk(_, entity) | Self::Check(_, entity) => {
                Some(entity)
            }
            Self::Finding(_) | Self::Retirement(_) | Self::Delivery(_) => None,
        }
    }
}

impl fmt::Display for DecisionTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Savings(rule, entity) => write!(f, "savings:{rule}:{entity}"),
            Self::Risk(class, entity) => write!(f, "risk:{class}:{entity}"),
            Self::Check(name, entity) => write!(f, "check:{name}:{entity}"),
            Self::Finding(text) => write!(f, "finding:{text}"),
            Self::Retirement(text) => write!(f, "retirement:{text}"),
            Self::Delivery(text) => write!(f, "delivery:{text}"),
        }
    }
}

impl FromStr for DecisionTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no target such as savings:RULE:ENTITY, risk:CLASS:ENTITY, \
                 check:NAME:ENTITY, finding:…, retirement:… or delivery:…"
            )
        };
        let (prefix, rest) = text.split_once(':').ok_or_else(wrong)?;
        let parts = || {
            let (word, entity) = rest.split_once(':').ok_or_else(wrong)?;
            if word.is_empty() || entity.is_empty() {
                return Err(wrong());
            }
            Ok((word.to_owned(), entity.to_owned()))
        };
        match prefix {
            "savings" => parts().map(|(rule, entity)| Self::Savings(rule, entity)),
            "risk" => parts().map(|(class, entity)| Self::Risk(class, entity)),
            "check" => parts().map(|(name, entity)| Self::Check(name, entity)),
            "finding" if !rest.is_empty() => Ok(Self::Finding(rest.to_owned())),
            "retirement" if !rest.is_empty() => Ok(Self::Retirement(rest.to_owned())),
            "delivery" if !rest.is_empty() => Ok(Self::Delivery(rest.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for DecisionTarget {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DecisionTarget {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for DecisionTarget {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DecisionTarget".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(savings|risk|check|finding|retirement|delivery):.+",
            "description": "savings:RULE:ENTITY, risk:CLASS:ENTITY, check:NAME:ENTITY, \
                            finding:…, retirement:… or delivery:…"
        })
    }
}

/// A decision that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewDecision {
    /// About what.
    pub target: DecisionTarget,
    /// What.
    pub action: DecisionAction,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When.
    pub decided_at: Timestamp,
    /// It holds before this instant only; `None` without end.
    pub until: Option<Timestamp>,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Running number; a later one about the same target goes before.
    pub id: u64,
    /// About what.
    pub target: DecisionTarget,
    /// What.
    pub action: DecisionAction,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When.
    pub decided_at: Timestamp,
    /// It holds before this instant only; null without end.
    pub until: Option<Timestamp>,
}

/// The rules that users state, in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleSet {
    /// Running number; the highest is in force.
    pub version: u64,
    /// The list as it was given (YAML).
    pub text: String,
    /// Who put it.
    pub author: String,
    /// When.
    pub put_at: Timestamp,
}

/// Which delivery is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryKey {
    /// Format (`focus`).
    pub format: String,
    /// Billing account.
    pub account: String,
    /// Month of the start of the billing period (`2026-09`).
    pub month: String,
    /// Name.
    pub name: String,
}

impl FromStr for DeliveryKey {
    type Err = String;

    /// Reads `FORMAT,ACCOUNT,MONTH,NAME`; the name may hold commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(4, ',').collect();
        let [format, account, month, name] = parts[..] else {
            return Err(format!("`{text}` is not FORMAT,ACCOUNT,MONTH,NAME"));
        };
        let own = str::to_owned;
        Ok(Self { format: own(format), account: own(account), month: own(month), name: own(name) })
    }
}

/// What a held delivery does to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeliveryChoice {
    /// It replaces it.
    Replace,
    /// It adds to it.
    Add,
}

/// A retirement that waits for a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingRetirement {
    /// What is held.
    pub held: HeldRetirement,
    /// Canonical ids of the entities that are still missing, in order.
    pub missing: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_text_and_back() {
        for text in [
            "savings:unattached_volume:arn:aws:ec2:eu-west-1:1:volume/vol-1",
            "risk:capacity:k8s://c/shop/Deployment/web",
            "check:one_replica:k8s://c/shop/Deployment/web",
            "finding:CVE-2022-22965/org.springframework:spring-beans@image://ghcr.io/x/cart",
            "retirement:pod@k8s://c/,kubernetes:c,2026-09-01T00:00:00Z",
            "delivery:focus,123,2026-09,run",
        ] {
            assert_eq!(text.parse::<DecisionTarget>().unwrap().to_string(), text);
        }
        for wrong in ["", "savings", "savings:x", "savings::y", "risk:x:", "other:a:b", "delivery:"]
        {
            assert!(wrong.parse::<DecisionTarget>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_undo_is_an_action_of_every_target_and_in_no_list() {
        let target: DecisionTarget = "risk:data:x".parse().unwrap();
        assert!(!target.actions().contains(&DecisionAction::Undo));
        assert_eq!(target.entity(), Some("x"));
        assert_eq!("undo".parse(), Ok(DecisionAction::Undo));
    }
}
