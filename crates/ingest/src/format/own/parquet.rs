//! Rows as Parquet: the same names as columns. Labels, properties, scope and aliases are maps, structs
//! and lists, or the JSON of them; instants are timestamps or texts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};
use bytes::Bytes;
use model::{Micros, Scope};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::gather::Gather;
use super::observe;
use super::row::{LabelValue, Row, Text};
use crate::error::EnvelopeError;
use crate::format::{Format, bill};
use crate::input::{Input, Out};

/// Rows of entities and relations as Parquet.
pub const PARQUET: Format = Format {
    name: "own-parquet",
    title: "own Parquet (columns `kind` and `id`, or `kind`, `from` and `to`)",
    recognise,
    read,
};

/// Rows that are decoded at once.
const ROWS: usize = 8192;

fn recognise(input: &Input<'_>) -> Option<String> {
    if !input.bytes.starts_with(b"PAR1") {
        return None;
    }
    let names = bill::column_names(input.bytes);
    let has = |name: &str| names.iter().any(|one| one == name);
    let is_ours = has("kind") && (has("id") || (has("from") && has("to")));
    is_ours.then(|| "a Parquet file with the columns kind and id, or from and to".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let wrong = |error: &dyn std::fmt::Display| {
        EnvelopeError::malformed(input.name, "the file", format!("{error}; export it again"))
    };
    let mut batches = guarded(|| {
        let file = Bytes::copy_from_slice(input.bytes);
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
        builder.with_batch_size(ROWS).build().map_err(|error| error.to_string())
    })
    .map_err(|reason| wrong(&reason))?;
    let mut gather = Gather::new(out);
    let mut before = 0;
    let mut outcome = Ok(());
    loop {
        let batch = match guarded(|| {
            let next = batches.next().transpose();
            next.map_err(|error| error.to_string())
        }) {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(reason) => {
                outcome = Err(EnvelopeError::malformed(
                    input.name,
                    format!("behind row {before}"),
                    format!("{reason}; export it again"),
                ));
                break;
            }
        };
        let table = Table::of(&batch);
        let mut go_on = true;
        for row in 0..batch.num_rows() {
            go_on = match table.row(row).and_then(observe::observe) {
                Ok(observed) => gather.put(observed),
                Err(reason) => gather.reject(format!("row {}", before + row + 1), reason),
            };
            if !go_on {
                break;
            }
        }
        before += batch.num_rows();
        if !go_on {
            break;
        }
    }
    gather.finish();
    outcome
}

/// The decoder trusts the file in places where a hostile one makes it panic; that is an error here.
fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_panic| Err("the Parquet file contradicts itself".to_owned()))
}

/// A column in the form in which its cells are read.
enum Column {
    Text(StringArray),
    Instant(Int64Array),
    Nested(ArrayRef),
}

/// The columns of a batch by name; a column that cannot be read counts as missing.
struct Table {
    columns: BTreeMap<String, Column>,
}

impl Table {
    fn of(batch: &RecordBatch) -> Self {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).filter_map(|(field, array)| {
            column(array).map(|column| (field.name().clone(), column))
        });
        Self { columns: columns.collect() }
    }

    fn text(&self, name: &str, row: usize) -> Option<&str> {
        match self.columns.get(name)? {
            Column::Text(array) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    fn owned(&self, name: &str, row: usize) -> Option<String> {
        self.text(name, row).map(str::to_owned)
    }

    fn borrowed(&self, name: &str, row: usize) -> Option<Text<'_>> {
        self.text(name, row).map(|text| Text(Cow::Borrowed(text)))
    }

    fn instant(&self, name: &str, row: usize) -> Result<Option<Micros>, String> {
        match self.columns.get(name) {
            Some(Column::Instant(array)) => {
                Ok(array.is_valid(row).then(|| Micros(array.value(row))))
            }
            Some(Column::Text(array)) if array.is_valid(row) && !array.value(row).is_empty() => {
                let at = model::time::instant(array.value(row));
                at.map(Micros::of).map(Some).map_err(|reason| format!("{name}: {reason}"))
            }
            _ => Ok(None),
        }
    }

    fn number<T: std::str::FromStr>(&self, name: &str, row: usize) -> Result<Option<T>, String> {
        let Some(text) = self.text(name, row) else { return Ok(None) };
        text.parse().map(Some).map_err(|_error| format!("{name}: `{text}` is not a number"))
    }

    /// A structured cell: nested, or the JSON of it.
    fn json<T: DeserializeOwned>(&self, name: &str, row: usize) -> Result<Option<T>, String> {
        let value = match self.columns.get(name) {
            Some(Column::Text(array)) if array.is_valid(row) && !array.value(row).is_empty() => {
                let read = serde_json::from_str(array.value(row));
                return read.map(Some).map_err(|error| format!("{name}: {error}"));
            }
            Some(Column::Nested(array)) if array.is_valid(row) => nested(array, row),
            _ => return Ok(None),
        };
        serde_json::from_value(value).map(Some).map_err(|error| format!("{name}: {error}"))
    }

    fn scope(&self, row: usize) -> Result<Scope, String> {
        let mut scope: Scope = self.json("scope", row)?.unwrap_or_default();
        for (name, part) in [
            ("account", &mut scope.account),
            ("region", &mut scope.region),
            ("zone", &mut scope.zone),
            ("cluster", &mut scope.cluster),
            ("namespace", &mut scope.namespace),
            ("environment", &mut scope.environment),
        ] {
            *part = part.take().or_else(|| self.owned(name, row));
        }
        Ok(scope)
    }

    fn row(&self, row: usize) -> Result<Row<'_>, String> {
        let is_relation = self.text("from", row).is_some_and(|from| !from.is_empty());
        let implied = Text(Cow::Borrowed(if is_relation { "relation" } else { "entity" }));
        let row_type = self.borrowed("type", row).filter(|one| !one.0.is_empty());
        let aliases: Option<Vec<String>> = self.json("aliases", row)?;
        let labels: Option<BTreeMap<String, LabelValue>> = self.json("labels", row)?;
        let valid_from = self.instant("valid_from", row)?;
        Ok(Row {
            row_type: Some(row_type.unwrap_or(implied)),
            kind: self.borrowed("kind", row),
            id: self.borrowed("id", row),
            name: self.owned("name", row),
            scope: Some(self.scope(row)?),
            labels,
            properties: self.json("properties", row)?,
            aliases: aliases.map(|all| all.into_iter().map(|one| Text(Cow::Owned(one))).collect()),
            incarnation: self.owned("incarnation", row),
            from: self.borrowed("from", row),
            to: self.borrowed("to", row),
            evidence: self.borrowed("evidence", row),
            need: self.borrowed("need", row),
            need_source: self.borrowed("need_source", row),
            group: self.owned("group", row),
            min_alive: self.number("min_alive", row)?,
            valid_from: valid_from.or(self.instant("created_at", row)?),
            valid_to: self.instant("valid_to", row)?,
            ended_at: self.instant("ended_at", row)?,
            started_at: self.instant("started_at", row)?,
            observed_at: self.instant("observed_at", row)?,
            source: self.borrowed("source", row),
            ..Row::default()
        })
    }
}

fn column(array: &ArrayRef) -> Option<Column> {
    match array.data_type() {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            let micros = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None)).ok()?;
            let numbers = cast(&micros, &DataType::Int64).ok()?;
            Some(Column::Instant(numbers.as_primitive::<Int64Type>().clone()))
        }
        DataType::Struct(_) | DataType::List(_) | DataType::LargeList(_) | DataType::Map(..) => {
            Some(Column::Nested(Arc::clone(array)))
        }
        _ => {
            let texts = cast(array, &DataType::Utf8).ok()?;
            Some(Column::Text(texts.as_string::<i32>().clone()))
        }
    }
}

/// A nested cell as JSON; what is inside is texts, numbers and flags.
fn nested(array: &ArrayRef, row: usize) -> Value {
    match array.data_type() {
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let cells = fields.iter().zip(columns);
            Value::Object(
                cells.map(|(field, column)| (field.name().clone(), scalar(column, row))).collect(),
            )
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let cells = (0..entries.len()).filter_map(|at| {
                let key = scalar(keys, at).as_str()?.to_owned();
                Some((key, scalar(values, at))).filter(|(_, value)| !value.is_null())
            });
            Value::Object(cells.collect())
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|at| scalar(&items, at)).filter(|item| !item.is_null()).collect()
        }
        DataType::LargeList(_) => {
            let items = array.as_list::<i64>().value(row);
            (0..items.len()).map(|at| scalar(&items, at)).filter(|item| !item.is_null()).collect()
        }
        _ => Value::Null,
    }
}

fn scalar(array: &ArrayRef, row: usize) -> Value {
    if !array.is_valid(row) {
        return Value::Null;
    }
    let one = array.slice(row, 1);
    let is_number = one.data_type().is_numeric();
    match cast(&one, &DataType::Utf8) {
        Ok(text) => {
            let text = text.as_string::<i32>().value(0).to_owned();
            let as_number = is_number.then(|| serde_json::from_str(&text).ok()).flatten();
            match one.data_type() {
                DataType::Boolean => Value::Bool(text == "true"),
                _ => as_number.unwrap_or(Value::String(text)),
            }
        }
        Err(_) => Value::Null,
    }
}
