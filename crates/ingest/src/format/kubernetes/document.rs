//! The documents of an input: JSON values one after another, or YAML documents between `---`.

use super::read::Reader;
use crate::outline;
use crate::shape::without_mark;

/// Every JSON value of the input.
pub fn json(bytes: &[u8], reader: &mut Reader<'_, '_, '_>) {
    let bytes = without_mark(bytes);
    let mut count = 0_usize;
    for value in outline::values(bytes) {
        let go_on = match value {
            Ok((0, raw)) => reader.document(raw, ""),
            Ok((at, raw)) => {
                let (line, _column) = outline::line_and_column(bytes, at);
                count += 1;
                reader.document(raw, &format!("line {line}"))
            }
            // The first value may be a list that is cut off: what there is of it goes in.
            Err(_cut) if count == 0 => reader.document(bytes, ""),
            Err(cut) => {
                let (line, _column) = outline::line_and_column(bytes, cut.at);
                reader.document(b"", &format!("line {line}"))
            }
        };
        if !go_on {
            break;
        }
    }
}

/// Every YAML document of the input.
pub fn yaml(bytes: &[u8], reader: &mut Reader<'_, '_, '_>) {
    for (index, (line, document)) in split(without_mark(bytes)).into_iter().enumerate() {
        let place = format!("document {} (line {line})", index + 1);
        let go_on = match to_json(document) {
            Ok(None) => true,
            Ok(Some(json)) => reader.document(&json, &place),
            Err(reason) => reader.unreadable(&place, reason),
        };
        if !go_on {
            break;
        }
    }
}

/// The document as JSON; `None` when it is empty or only comments.
fn to_json(document: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let text = std::str::from_utf8(document)
        .map_err(|error| format!("{error}; YAML is UTF-8, convert the file"))?;
    let is_empty = text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
    });
    if is_empty {
        return Ok(None);
    }
    let value: serde_json::Value = serde_yaml_ng::from_str(text)
        .map_err(|error| format!("{error} (not valid YAML; render templates first)"))?;
    if value.is_null() {
        return Ok(None);
    }
    serde_json::to_vec(&value).map(Some).map_err(|error| error.to_string())
}

/// Documents with their first lines; `---` at the start of a line begins one, since what it could
/// stand in otherwise is indented.
pub fn split(bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut all = Vec::new();
    let (mut start, mut start_line, mut at) = (0, 1, 0);
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let is_mark =
            line.starts_with(b"---") && line.get(3).is_none_or(|next| next.is_ascii_whitespace());
        if is_mark {
            all.push((start_line, &bytes[start..at]));
            start = at + 3;
            start_line = index + 1;
        }
        at += line.len();
    }
    all.push((start_line, &bytes[start.min(bytes.len())..]));
    all.retain(|(_line, document)| document.iter().any(|byte| !byte.is_ascii_whitespace()));
    all
}

/// `apiVersion` and `kind` of the first document that has both at its top.
pub fn first_header(text: &str) -> Option<(&str, &str)> {
    let value = |line: &'_ str, name: &str| -> bool { line.starts_with(name) };
    let of = |line: &str, name: &str| -> Option<(usize, usize)> {
        let rest = line.strip_prefix(name)?;
        let trimmed = rest.trim().trim_matches(['"', '\'']);
        let start = line.find(trimmed).filter(|_| !trimmed.is_empty())?;
        Some((start, start + trimmed.len()))
    };
    let (mut api_version, mut kind) = (None, None);
    for line in text.lines() {
        if value(line, "---") {
            (api_version, kind) = (None, None);
        } else if let Some((from, to)) = of(line, "apiVersion:") {
            api_version = Some(&line[from..to]);
        } else if let Some((from, to)) = of(line, "kind:") {
            kind = Some(&line[from..to]);
        }
        if let (Some(api_version), Some(kind)) = (api_version, kind) {
            return Some((api_version, kind));
        }
    }
    None
}

/// Whether the bytes contain these.
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
