//! Parameters that every question has, and compound values that are strings on every wire.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use model::scope::Place;
use model::time::{Micros, WindowParam};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ask::AskError;

/// A value that is written and read as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err = String>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl<T> JsonSchema for Text<T> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// Default and greatest number of rows, and the default window.
#[derive(Debug, Clone, Copy)]
pub struct CommonDefaults {
    /// Rows when none are asked for.
    pub limit: u32,
    /// Most rows.
    pub limit_max: u32,
    /// The window in microseconds when none is asked for; `None` when the question has none, or
    /// works it out from its data.
    pub window: Option<i64>,
}

/// The parameters that every question has, borrowed from its own struct.
pub struct CommonMut<'a> {
    /// The window.
    pub window: &'a mut Option<Text<WindowParam>>,
    /// Rows.
    pub limit: &'a mut Option<u32>,
    /// Lists of places and units, by parameter.
    pub lists: [(&'static str, &'a mut Vec<String>); 6],
}

/// Most values of one list.
const LIST_MAX: usize = 1_000;

/// Longest value of a list in bytes.
const VALUE_BYTES_MAX: usize = 4_096;

/// Fills in the defaults and holds the bounds of the common parameters; equal lists become equal.
///
/// # Errors
/// `AskError::BadParams` when a value is outside its bounds.
pub fn fill_common(common: CommonMut<'_>, defaults: CommonDefaults) -> Result<(), AskError> {
    if common.window.is_none() {
        *common.window = defaults.window.map(|micros| Text(WindowParam::Last(micros)));
    }
    *common.limit = Some(within("limit", *common.limit, defaults.limit, defaults.limit_max)?);
    for (field, list) in common.lists {
        tidy_list(field, list)?;
    }
    Ok(())
}

/// A number with its default, between 1 and `max`.
///
/// # Errors
/// `AskError::BadParams` that gives the bounds.
pub fn within(field: &str, value: Option<u32>, default: u32, max: u32) -> Result<u32, AskError> {
    let value = value.unwrap_or(default);
    if (1..=max).contains(&value) {
        return Ok(value);
    }
    Err(AskError::bad(field, format!("{value} is not between 1 and {max}")))
}

/// Puts a list of names in order, each once.
///
/// # Errors
/// `AskError::BadParams` when it is too long.
pub fn tidy_list(field: &str, list: &mut Vec<String>) -> Result<(), AskError> {
    list.sort();
    list.dedup();
    if list.len() > LIST_MAX {
        return Err(AskError::bad(field, format!("at most {LIST_MAX} values are accepted")));
    }
    if list.iter().any(|value| value.len() > VALUE_BYTES_MAX) {
        let reason = format!("a value is longer than {VALUE_BYTES_MAX} bytes");
        return Err(AskError::bad(field, reason));
    }
    if list.iter().any(|value| value.chars().any(char::is_control)) {
        return Err(AskError::bad(field, "control characters are refused"));
    }
    Ok(())
}

/// The place that the lists of a question's parameters name.
pub fn place_of(lists: [&Vec<String>; 5]) -> Place {
    let [account, region, cluster, namespace, environment] = lists.map(Clone::clone);
    Place { account, region, cluster, namespace, environment }
}

/// Gives a question's parameters the common ones to fill; with `place`, the place they name too.
macro_rules! common_params {
    ($params:ty) => {
        impl $params {
            fn common_mut(&mut self) -> $crate::param::CommonMut<'_> {
                $crate::param::CommonMut {
                    window: &mut self.window,
                    limit: &mut self.limit,
                    lists: [
                        ("account", &mut self.account),
                        ("region", &mut self.region),
                        ("cluster", &mut self.cluster),
                        ("namespace", &mut self.namespace),
                        ("environment", &mut self.environment),
                        ("unit", &mut self.unit),
                    ],
                }
            }
        }
    };
    ($params:ty, place) => {
        $crate::param::common_params!($params);

        impl $params {
            pub(crate) fn place(&self) -> model::scope::Place {
                $crate::param::place_of([
                    &self.account,
                    &self.region,
                    &self.cluster,
                    &self.namespace,
                    &self.environment,
                ])
            }
        }
    };
}
pub(crate) use common_params;

/// Ends of the window of `micros` that ends at `end`, held within the calendar.
pub fn window_ending(end: Micros, micros: i64) -> model::Window {
    model::Window { from: end.plus(micros.saturating_neg()).timestamp(), to: end.timestamp() }
}
