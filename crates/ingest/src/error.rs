//! Why an input as a whole cannot be read. Bad records inside a readable input are rejects, not errors.

use std::fmt::Display;

/// Nothing of the input goes in; the message gives place, reason and remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// No bytes, or only blanks.
    #[error("{name}: the input is empty; export it again, or leave it out")]
    Empty {
        /// The input.
        name: String,
    },
    /// More bytes than a bound allows.
    #[error("{name}: {what} is larger than {limit} bytes; split the export into several files")]
    TooLarge {
        /// The input.
        name: String,
        /// Which bytes.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// Unpacks to far more than it is.
    #[error(
        "{name}: unpacks to more than {ratio} times its size, as a decompression bomb does; unpack \
         it yourself and ingest the result if it is genuine"
    )]
    Bomb {
        /// The input.
        name: String,
        /// The bound.
        ratio: u64,
    },
    /// An archive that cannot be unpacked.
    #[error("{name}: the {archive} archive cannot be unpacked: {reason}; transfer it again")]
    Archive {
        /// The input.
        name: String,
        /// gzip or zip.
        archive: &'static str,
        /// What the unpacker says.
        reason: String,
    },
    /// No format knows it.
    #[error("{name}: {what} is of no format that is read; accepted are {accepted}")]
    Unrecognised {
        /// The input.
        name: String,
        /// What it looks like.
        what: String,
        /// Titles of the formats.
        accepted: String,
    },
    /// Recognised, but nothing of it can be read.
    #[error("{name}: {place}: {reason}")]
    Malformed {
        /// The input.
        name: String,
        /// Where in it.
        place: String,
        /// What is wrong, and the remedy.
        reason: String,
    },
    /// The content does not say where it is from, and neither does a flag.
    #[error("{name}: {missing} is not known from the input; {flag} is required")]
    ContextMissing {
        /// The input.
        name: String,
        /// What is missing.
        missing: &'static str,
        /// The flag that gives it.
        flag: &'static str,
    },
}

impl EnvelopeError {
    /// Recognised, but nothing of it can be read.
    pub fn malformed(name: &str, place: impl Into<String>, reason: impl Display) -> Self {
        Self::Malformed { name: name.to_owned(), place: place.into(), reason: reason.to_string() }
    }

    /// From serde_json, whose own message ends with line and column.
    pub fn json(name: &str, error: &serde_json::Error) -> Self {
        let (place, reason) = json_place(error);
        Self::Malformed { name: name.to_owned(), place, reason }
    }
}

/// Place and reason with remedy of an error in JSON.
pub fn json_place(error: &serde_json::Error) -> (String, String) {
    let place = format!("line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    let remedy = match error.classify() {
        serde_json::error::Category::Eof => "the JSON is cut off; export it again",
        _ if reason.contains("recursion limit") => "nested deeper than 128 levels; no export is",
        serde_json::error::Category::Data => "the value is not of the expected type",
        _ => "not valid JSON; export it again",
    };
    (place, format!("{reason} ({remedy})"))
}
