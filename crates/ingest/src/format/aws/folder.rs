//! What the folders of an export say: the account from `sts get-caller-identity` or from a folder
//! named by its number, the region from a folder's name, the argument of an operation from the file's.

use super::place::region_of;
use crate::context::{InputContext, Seen, nearest_unique};
use crate::shape::Shape;

/// Adds account and region to the contexts where the flags do not give them.
pub fn learn(inputs: &[Seen<'_>], contexts: &mut [InputContext]) {
    let stated: Vec<Option<String>> =
        inputs.iter().map(|input| caller_account(input.bytes)).collect();
    if stated.iter().all(Option::is_none) && !inputs.iter().any(|input| is_export(input.path)) {
        return;
    }
    let nearest = nearest_unique(inputs, &stated);
    for ((input, context), nearest) in inputs.iter().zip(contexts).zip(nearest) {
        if context.account.is_none() {
            let named = parts(input.path).find(|part| is_account(part)).map(str::to_owned);
            context.account = nearest.or(named);
        }
        if context.region.is_none() {
            context.region = region(input.path).map(str::to_owned);
        }
    }
}

/// The account of a `sts get-caller-identity` response.
fn caller_account(bytes: &[u8]) -> Option<String> {
    let shape = Shape::of(bytes);
    shape.text("UserId")?;
    shape.text("Arn").filter(|arn| arn.starts_with("arn:"))?;
    shape.text("Account").map(str::to_owned)
}

/// The region of the nearest folder that is named as one.
fn region(path: &str) -> Option<&str> {
    let (folders, _file) = path.rsplit_once('/')?;
    parts(folders).filter(|part| region_of(part) == Some(*part)).last()
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\', '!'])
}

fn is_account(part: &str) -> bool {
    part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_export(path: &str) -> bool {
    operation(path).is_some()
}

/// Verbs that the operations of AWS begin with.
const VERBS: &[&str] = &["describe", "list", "get", "batch-get", "search", "generate", "lookup"];

/// `ec2-describe-instances` of `…/ec2-describe-instances.json` or `…/ec2-describe-instances/i-1`.
pub fn operation(path: &str) -> Option<&str> {
    let mut last = path.rsplit(['/', '\\', '!']);
    last.by_ref().take(3).find_map(|part| {
        let stem = part.strip_suffix(".json").unwrap_or(part);
        let (service, rest) = stem.split_once('-')?;
        let is_service = !service.is_empty()
            && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let has_verb = VERBS.iter().any(|verb| {
            rest.strip_prefix(verb).is_some_and(|rest| rest.starts_with('-') && rest.len() > 1)
        });
        (is_service && has_verb).then_some(stem)
    })
}

/// The argument that an operation was given, where the file is named after it and lies in a folder
/// named after the operation: percent-encoded, as file names cannot hold `/`.
pub fn argument(path: &str) -> Option<String> {
    let (folder, file) = path.rsplit_once('/')?;
    operation(folder)?;
    let file = file.strip_suffix(".json").unwrap_or(file);
    if operation(file).is_some() {
        return None;
    }
    Some(percent_decoded(file))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail
            .get(..2)
            .filter(|_digits| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_and_arguments_are_read_from_paths() {
        let base = "d/us-east-1/elbv2-describe-rules";
        assert_eq!(operation("x/ec2-describe-instances.json"), Some("ec2-describe-instances"));
        assert_eq!(operation(&format!("{base}/arn%3Aaws")), Some("elbv2-describe-rules"));
        assert_eq!(operation("x/my-list.json"), None);
        assert_eq!(operation("describe-regions.json"), None);
        assert_eq!(argument(&format!("{base}/arn%3Aaws%2Fx%")).as_deref(), Some("arn:aws/x%"));
        assert_eq!(argument("a/ec2-describe-instances.json"), None);
        assert_eq!(region("aws/eu-west-1/x/us-east-1.json"), Some("eu-west-1"));
    }

    #[test]
    fn the_folder_gives_account_and_region_and_flags_win() {
        let identity: &[u8] =
            br#"{"UserId":"A","Account":"111122223333","Arn":"arn:aws:iam::111122223333:root"}"#;
        let seen = |path, bytes| Seen { root: "x", path, bytes, file_time: None };
        let inputs = [
            seen("x/one/us-east-1/sts-get-caller-identity.json", identity),
            seen("x/one/us-east-1/ec2-describe-vpcs.json", b"{}"),
            seen("x/444455556666/eu-west-1/ec2-describe-vpcs.json", b"{}"),
        ];
        let mut contexts = vec![InputContext::default(); 3];
        learn(&inputs[..2], &mut contexts[..2]);
        assert_eq!(contexts[1].account.as_deref(), Some("111122223333"));
        assert_eq!(contexts[1].region.as_deref(), Some("us-east-1"));
        let flags = InputContext { account: Some("9".into()), ..InputContext::default() };
        let mut contexts = vec![flags; 3];
        learn(&inputs, &mut contexts);
        assert_eq!(contexts[2].account.as_deref(), Some("9"));
        assert_eq!(contexts[2].region.as_deref(), Some("eu-west-1"));
    }
}
