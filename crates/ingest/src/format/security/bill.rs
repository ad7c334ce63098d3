//! SPDX bills of materials. They list what is in a thing and find nothing in it: such a document is
//! recognised, so that a folder of reports reads whole, and says nothing here.

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::shape::Shape;

/// Bills of materials without findings.
pub const SPDX: Format = Format {
    name: "spdx",
    title: "SPDX bills of materials (JSON; they hold no findings)",
    recognise,
    read,
};

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let version = shape.text("spdxVersion").filter(|version| version.starts_with("SPDX-"))?;
    Some(format!("its version is {version}"))
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    super::document(input)?;
    out.source("spdx");
    Ok(())
}
