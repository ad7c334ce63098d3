//! The rules of a run: by index and by id, of the driver and its extensions, with their levels.

use std::collections::HashMap;

use serde_json::Value;

use super::super::severity_of_score;
use crate::format::aws::record::{list, scalar, text, texts};

/// Rules of one run.
pub struct Rules<'a> {
    run: &'a Value,
    /// Rules of the driver, then of each extension.
    components: Vec<&'a [Value]>,
    by_id: HashMap<&'a str, &'a Value>,
}

impl<'a> Rules<'a> {
    /// The rules of a run.
    pub fn of(run: &'a Value) -> Self {
        let mut components = vec![list(run, "tool.driver.rules")];
        components.extend(list(run, "tool.extensions").iter().map(|one| list(one, "rules")));
        let mut by_id = HashMap::new();
        for rule in components.iter().copied().flatten() {
            if let Some(id) = text(rule, "id") {
                by_id.entry(id).or_insert(rule);
            }
        }
        Self { run, components, by_id }
    }

    /// The rule of a result: by index in the component that it names, else by id; of an id with
    /// several parts (`CA1000/1`) the longest that is known.
    pub fn rule(&self, result: &Value) -> Option<&'a Value> {
        let index = |path: &str| {
            let value = path.split('.').try_fold(result, |value, part| value.get(part))?;
            usize::try_from(value.as_i64()?).ok()
        };
        let component = index("rule.toolComponent.index").map_or(0, |one| one + 1);
        if let Some(position) = index("ruleIndex").or(index("rule.index")) {
            let rules = self.components.get(component)?;
            if let Some(rule) = rules.get(position) {
                return Some(rule);
            }
        }
        let mut id = text(result, "ruleId").or(text(result, "rule.id"))?;
        loop {
            if let Some(rule) = self.by_id.get(id) {
                return Some(rule);
            }
            id = id.rsplit_once('/')?.0;
        }
    }

    /// The level of a result: its own, else an override of the run's, else the rule's default, else
    /// `warning`.
    pub fn level(&self, result: &Value, rule: Option<&Value>) -> &'static str {
        const LEVELS: [&str; 4] = ["error", "warning", "note", "none"];
        let known = |level: &str| LEVELS.into_iter().find(|one| *one == level);
        if let Some(level) = text(result, "level").and_then(known) {
            return level;
        }
        let id = rule.and_then(|rule| text(rule, "id"));
        let overrides = list(self.run, "invocations")
            .iter()
            .flat_map(|one| list(one, "ruleConfigurationOverrides"));
        let stated = overrides
            .filter(|one| id.is_some() && text(one, "descriptor.id") == id)
            .find_map(|one| text(one, "configuration.level"));
        let default = rule.and_then(|rule| text(rule, "defaultConfiguration.level"));
        stated.or(default).and_then(known).unwrap_or("warning")
    }

    /// The severity: the rule's score where it has one, else its level.
    pub fn severity(&self, result: &Value, rule: Option<&Value>) -> &'static str {
        let score = |of: &Value| scalar(of, "properties.security-severity")?.parse::<f64>().ok();
        if let Some(score) = score(result).or_else(|| rule.and_then(score)) {
            return severity_of_score(score);
        }
        match self.level(result, rule) {
            "error" => "high",
            "warning" => "medium",
            "note" => "low",
            _ => "unknown",
        }
    }

    /// The message: its text, else the rule's or the tool's of that id, with its arguments.
    pub fn message(&self, result: &Value, rule: Option<&Value>) -> Option<String> {
        let by_id = || {
            let id = text(result, "message.id")?;
            let of = |strings: Option<&Value>| Some(text(strings?.get(id)?, "text")?.to_owned());
            let shared = || of(self.run.pointer("/tool/driver/globalMessageStrings"));
            of(rule.and_then(|rule| rule.get("messageStrings"))).or_else(shared)
        };
        let own = |path: &str| text(result, path).map(str::to_owned);
        let template = own("message.text").or_else(by_id).or_else(|| own("message.markdown"))?;
        let mut filled = template;
        for (position, argument) in texts(result, "message.arguments").enumerate() {
            filled = filled.replace(&format!("{{{position}}}"), argument);
        }
        Some(filled)
    }
}
