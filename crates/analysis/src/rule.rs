//! The rules that users state about what the sources do not say: a list of `match` and `set`, read
//! from YAML here, and laid over the estate by `apply`. The most specific rule wins; equally specific
//! ones that disagree are a conflict, and then none of them holds.

mod apply;

use model::kind::Need;
use model::table::{Cell, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use apply::{RuleConflict, apply};

/// Most rules of one list, and most terms of one rule.
const RULES_MAX: usize = 2_000;
const TERMS_MAX: usize = 20;

/// Keys of terms that have no name behind a dot.
const KEYS: &[&str] =
    &["id", "kind", "name", "namespace", "cluster", "account", "region", "environment"];

/// Tiers, as ownership tables have them.
const TIERS: &[&str] = &["critical", "high", "normal", "low"];

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserRule {
    /// Its place in the list, from 1.
    pub number: u32,
    /// What must hold of the entity; for `need`, of the near end.
    pub terms: Vec<Term>,
    /// For `need`: what must hold of the far end.
    pub to: Vec<Term>,
    /// What it says.
    pub set: RuleSetting,
}

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// `id`, `kind`, `name`, `namespace`, `cluster`, `account`, `region`, `environment`, `label.NAME`
    /// or `property.NAME`.
    pub key: String,
    /// The value; with `*` at its end any rest.
    pub value: String,
}

/// What a rule says; what it leaves out it does not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleSetting {
    /// Whether the near end needs the far end of its calls and connections.
    pub need: Option<Need>,
    /// Replicas that must be left.
    pub min_alive: Option<MinAlive>,
    /// Application, by canonical id or name.
    pub application: Option<String>,
    /// Owner, by canonical id or name of a unit.
    pub owner: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// `critical`, `high`, `normal` or `low`.
    pub tier: Option<String>,
}

/// Replicas that must be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinAlive {
    /// So many.
    Count(u32),
    /// More than half of the members.
    Majority,
}

impl UserRule {
    /// More terms go before fewer, whole values before beginnings, more letters before fewer.
    fn rank(&self) -> (usize, usize) {
        let terms = || self.terms.iter().chain(&self.to);
        let whole = terms().filter(|term| !term.value.ends_with('*')).count();
        let letters = terms().map(|term| term.value.trim_end_matches('*').len()).sum();
        (terms().count() + whole, letters)
    }
}

/// The rules of a YAML list.
///
/// # Errors
/// What is wrong, with the number of the rule.
pub fn rules_of(text: &str) -> Result<Vec<UserRule>, String> {
    let value: Value =
        serde_yaml_ng::from_str(text).map_err(|error| format!("the list is no YAML: {error}"))?;
    let list = match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list,
        _ => return Err("a list of rules is expected, each with `match` and `set`".to_owned()),
    };
    if list.len() > RULES_MAX {
        return Err(format!("{} rules are more than {RULES_MAX}", list.len()));
    }
    (1_u32..)
        .zip(&list)
        .map(|(number, rule)| {
            rule_of(number, rule).map_err(|reason| format!("rule {number}: {reason}"))
        })
        .collect()
}

fn rule_of(number: u32, value: &Value) -> Result<UserRule, String> {
    let object = value.as_object().ok_or("is no mapping with `match` and `set`")?;
    if let Some(key) = object.keys().find(|key| !matches!(key.as_str(), "match" | "set" | "note")) {
        return Err(format!("`{key}` is none of match, set, note"));
    }
    let part = |name: &str| {
        let part = object.get(name).and_then(Value::as_object).filter(|part| !part.is_empty());
        part.ok_or_else(|| format!("`{name}` is missing or empty"))
    };
    let (terms, to) = terms_of(part("match")?)?;
    let set = setting_of(part("set")?)?;
    if set.need.is_none() && terms.is_empty() {
        return Err("`match` says nothing of the entity itself".to_owned());
    }
    if set.need.is_none() && !to.is_empty() {
        return Err("`to.…` goes with `need` only: it is about the far end of a call".to_owned());
    }
    let sets_entity = set.min_alive.is_some()
        || set.application.is_some()
        || set.owner.is_some()
        || set.environment.is_some()
        || set.tier.is_some();
    if set.need.is_some() && sets_entity && !to.is_empty() {
        return Err("with `to.…` a rule sets `need` alone".to_owned());
    }
    Ok(UserRule { number, terms, to, set })
}

fn terms_of(object: &Map<String, Value>) -> Result<(Vec<Term>, Vec<Term>), String> {
    if object.len() > TERMS_MAX {
        return Err(format!("`match` has more than {TERMS_MAX} terms"));
    }
    let (mut own, mut far) = (Vec::new(), Vec::new());
    for (key, value) in object {
        let value = scalar(value).ok_or_else(|| format!("`{key}` is no single value"))?;
        let (list, key) = match key.strip_prefix("to.") {
            Some(key) => (&mut far, key),
            None => (&mut own, key.as_str()),
        };
        let is_named = ["label.", "tag.", "property."]
            .iter()
            .any(|scheme| key.strip_prefix(scheme).is_some_and(|name| !name.is_empty()));
        if !is_named && !KEYS.contains(&key) {
            return Err(format!(
                "`{key}` is no key; there are {}, label.NAME and property.NAME",
                KEYS.join(", ")
            ));
        }
        let key = match key.strip_prefix("tag.") {
            Some(name) => format!("label.{name}"),
            None => key.to_owned(),
        };
        list.push(Term { key, value });
    }
    own.sort();
    far.sort();
    Ok((own, far))
}

fn setting_of(object: &Map<String, Value>) -> Result<RuleSetting, String> {
    let mut set = RuleSetting::default();
    for (key, value) in object {
        let text = scalar(value).filter(|text| !text.trim().is_empty());
        let text = text.ok_or_else(|| format!("`{key}` is no single value"))?;
        match key.as_str() {
            "need" => set.need = Some(need_of(&text)?),
            "min_alive" => set.min_alive = Some(min_alive_of(&text)?),
            "application" => set.application = Some(text),
            "owner" => set.owner = Some(text),
            "environment" => set.environment = Some(text),
            "tier" if TIERS.contains(&text.as_str()) => set.tier = Some(text),
            "tier" => return Err(format!("tier `{text}` is none of {}", TIERS.join(", "))),
            "join" => {
                return Err(
                    "`join` is not supported yet; remove it, the rest can be stated now".to_owned()
                );
            }
            _ => {
                return Err(format!(
                    "`{key}` cannot be set; there are need, min_alive, application, owner, \
                     environment, tier"
                ));
            }
        }
    }
    Ok(set)
}

fn need_of(text: &str) -> Result<Need, String> {
    match text.parse::<Need>() {
        Ok(need) if need != Need::Unknown => Ok(need),
        _ => Err(format!("need `{text}` is none of required, optional, asynchronous")),
    }
}

fn min_alive_of(text: &str) -> Result<MinAlive, String> {
    if text == "majority" {
        return Ok(MinAlive::Majority);
    }
    match text.parse::<u32>() {
        Ok(count) if (1..=100_000).contains(&count) => Ok(MinAlive::Count(count)),
        _ => Err(format!("min_alive `{text}` is neither a number from 1 up nor `majority`")),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The rules as a table.
pub fn table_of(rules: &[UserRule]) -> Table {
    let mut table = Table::new(
        "rules",
        &[
            ("number", "Rule", Cell::Count, ""),
            ("match", "Match", Cell::Text, ""),
            ("set", "Set", Cell::Text, ""),
        ],
    );
    for rule in rules {
        let far = rule.to.iter().map(|term| format!("to.{}={}", term.key, term.value));
        let terms = rule.terms.iter().map(|term| format!("{}={}", term.key, term.value));
        let terms: Vec<String> = terms.chain(far).collect();
        table.rows.push(vec![
            rule.number.into(),
            terms.join("; ").into(),
            settings(&rule.set).join("; ").into(),
        ]);
    }
    table
}

fn settings(set: &RuleSetting) -> Vec<String> {
    let min_alive = set.min_alive.map(|min_alive| match min_alive {
        MinAlive::Count(count) => count.to_string(),
        MinAlive::Majority => "majority".to_owned(),
    });
    [
        ("need", set.need.map(|need| need.to_string())),
        ("min_alive", min_alive),
        ("application", set.application.clone()),
        ("owner", set.owner.clone()),
        ("environment", set.environment.clone()),
        ("tier", set.tier.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_shown() {
        let text = "
- match: {kind: service, namespace: shop, name: check*}
  set: {owner: checkout, tier: high}
- match: {name: web, to.kind: cache}
  set: {need: required}
- match: {kind: workload, label.app: etcd}
  set: {min_alive: majority}
";
        let rules = rules_of(text).unwrap();
        assert_eq!(rules.len(), 3);
        assert_eq!(rules[1].to, [Term { key: "kind".into(), value: "cache".into() }]);
        assert_eq!(rules[2].set.min_alive, Some(MinAlive::Majority));
        let table = table_of(&rules);
        assert_eq!(table.rows[0][2], "owner=checkout; tier=high");
        assert_eq!(rules_of("").unwrap(), []);
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (text, wanted) in [
            ("- match: {name: a}\n  set: {join: b}", "rule 1: `join` is not supported yet"),
            ("- match: {colour: a}\n  set: {tier: low}", "rule 1: `colour` is no key"),
            ("- match: {name: a}\n  set: {tier: gold}", "rule 1: tier `gold`"),
            ("- match: {name: a}\n  set: {need: unknown}", "rule 1: need `unknown`"),
            ("- match: {}\n  set: {tier: low}", "rule 1: `match` is missing"),
            ("- match: {to.name: a}\n  set: {tier: low}", "rule 1: `match` says nothing"),
            ("- match: {name: a, to.name: b}\n  set: {tier: low}", "rule 1: `to.…`"),
            ("- match: {name: a}\n  set: {min_alive: 0}", "rule 1: min_alive `0`"),
            ("rules: []", "a list of rules"),
            ("- [", "the list is no YAML"),
        ] {
            let error = rules_of(text).unwrap_err();
            assert!(error.starts_with(wanted), "{text}: {error}");
        }
    }
}
