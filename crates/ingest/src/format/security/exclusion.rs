//! Somebody's word on whether a weakness applies, as one statement.

use model::Micros;
use model::scan::Exclusion;
use model::stated::{StatedKind, StatedObservation};

use crate::input::Out;

/// Puts out a statement that holds from an instant until a later one about the same.
pub fn put(exclusion: &Exclusion, from: Micros, out: &mut Out<'_>) -> bool {
    let parts = [
        exclusion.weaknesses.first().map(String::as_str).unwrap_or_default(),
        &exclusion.package,
        exclusion.version.as_deref().unwrap_or_default(),
        exclusion.target.as_deref().unwrap_or_default(),
        &from.to_string(),
    ];
    let key = parts.join("\u{1f}");
    let title = format!("{}: {}", parts[0], exclusion.status);
    let Ok(stated) = StatedObservation::new(StatedKind::Exclusion, key, exclusion) else {
        return true;
    };
    out.batch().stated.push(StatedObservation { title, from: Some(from), ..stated });
    out.added(1)
}
