//! Columns of what the database gives, as what they are expected to be.

use arrow::array::{Array, RecordBatch};

use crate::error::{Failure, Outcome};

/// A column of a batch by its place.
pub fn column<T: 'static>(batch: &RecordBatch, place: usize) -> Outcome<&T> {
    let column = batch.columns().get(place).and_then(|one| one.as_any().downcast_ref::<T>());
    column.ok_or_else(|| Failure::Row(format!("column {place} is of another type")))
}
