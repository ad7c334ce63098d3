//! Which inputs of a run belong together: those below one folder, up to the path that the user gave.

use std::collections::{BTreeMap, BTreeSet};

use super::Seen;

/// The folders that hold an input, the nearest first, up to the path that the user gave (or the
/// folder of a file that was given itself).
pub fn folders<'a>(input: &Seen<'a>) -> impl Iterator<Item = &'a str> {
    let top = if input.root == input.path { parent(input.path) } else { input.root };
    let top = top.trim_end_matches('/').len();
    let mut next = Some(parent(input.path));
    std::iter::from_fn(move || {
        let folder = next?;
        next = (folder.len() > top && !folder.is_empty()).then(|| parent(folder));
        Some(folder)
    })
}

/// For each input the value of the nearest folder that has any, when it has exactly one: values are
/// what the inputs themselves show (a cluster's uid, an account), in the order of the inputs.
pub fn nearest_unique(inputs: &[Seen<'_>], values: &[Option<String>]) -> Vec<Option<String>> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (input, value) in inputs.iter().zip(values) {
        let Some(value) = value else { continue };
        for folder in folders(input) {
            known.entry(folder).or_default().insert(value);
        }
    }
    inputs
        .iter()
        .map(|input| {
            let values = folders(input).find_map(|folder| known.get(folder))?;
            (values.len() == 1).then(|| values.first().map(|value| (*value).to_owned())).flatten()
        })
        .collect()
}

fn parent(path: &str) -> &str {
    path.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen<'a>(root: &'a str, path: &'a str) -> Seen<'a> {
        Seen { root, path, bytes: b"", file_time: None }
    }

    #[test]
    fn folders_end_at_what_the_user_gave() {
        let all = |root, path| folders(&seen(root, path)).collect::<Vec<_>>();
        assert_eq!(all("/d/x", "/d/x/a/b.json"), ["/d/x/a", "/d/x"]);
        assert_eq!(all("/d/x/", "/d/x/a/b.json"), ["/d/x/a", "/d/x"]);
        assert_eq!(all("/d/x.json", "/d/x.json"), ["/d"]);
        assert_eq!(all("x.json", "x.json"), [""]);
        assert_eq!(all("stdin", "stdin"), [""]);
        assert_eq!(all("", "a/b"), ["a", ""]);
    }

    #[test]
    fn the_nearest_folder_decides_and_two_values_are_none() {
        let inputs = [
            seen("r", "r/one/ns.json"),
            seen("r", "r/one/deep/pods.json"),
            seen("r", "r/two/ns.json"),
            seen("r", "r/top.json"),
            seen("other", "other/x.json"),
        ];
        let values = [Some("1".to_owned()), None, Some("2".to_owned()), None, None];
        let found = nearest_unique(&inputs, &values);
        let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, [Some("1"), Some("1"), Some("2"), None, None]);
    }
}
