//! People: accounts with a role and a part of the organisation, tokens for programs, and what was done.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scope::OrgScope;
use crate::time::Micros;

/// Longest name of an account.
pub const NAME_BYTES_MAX: usize = 64;

/// What an account may do; each may also do what those before it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Ingests, states rules, accepts and dismisses.
    Editor,
    /// Looks after accounts, and applies what changes a store.
    Admin,
}

impl Role {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Viewer, Self::Editor, Self::Admin];
        let found = all.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no role; there are viewer, editor and admin"))
    }
}

/// A password's hash in PHC form; it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(set)")
    }
}

/// One account. It is never deleted, so that what it did keeps its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Name, as `checked_name` takes it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it may see.
    pub scope: OrgScope,
    /// Hash of its password.
    pub password_hash: PasswordHash,
    /// Whether it may not log in, and its sessions and tokens are dead.
    pub is_disabled: bool,
    /// When it was made.
    pub created_at: Micros,
    /// When its password was set.
    pub password_at: Micros,
}

/// A name in the form in which it is kept: 1 to 64 small letters of ASCII, digits and `.`, `-`, `_`, `@`,
/// the first a letter or digit.
///
/// # Errors
/// What is wrong with it.
pub fn checked_name(text: &str) -> Result<String, String> {
    let name = text.trim().to_ascii_lowercase();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_taken = |byte: u8| is_plain(byte) || b".-_@".contains(&byte);
    let is_right = name.len() <= NAME_BYTES_MAX
        && name.bytes().next().is_some_and(is_plain)
        && name.bytes().all(is_taken);
    if is_right {
        return Ok(name);
    }
    Err(format!(
        "an account's name has 1 to {NAME_BYTES_MAX} letters a to z, digits, `.`, `-`, `_` or `@`, and \
         begins with a letter or digit"
    ))
}

/// A token with which a program calls in an account's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The first letters of the token, by which people tell it from others.
    pub prefix: String,
    /// SHA-256 of the whole token, in hexadecimal.
    pub hash: String,
    /// Whose it is.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// Most that it may do; the account's role bounds it too.
    pub role: Role,
    /// When it was made.
    pub created_at: Micros,
    /// From when it does not hold any more.
    pub expires_at: Micros,
    /// When it was revoked.
    pub revoked_at: Option<Micros>,
}

impl ApiToken {
    /// Whether it holds at `now`.
    pub fn is_in_force(&self, now: Micros) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// One thing that was done, or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Running number; 0 before it is kept.
    pub id: u64,
    /// When.
    pub at: jiff::Timestamp,
    /// Who: an account, or the user who ran a command as `user:NAME`.
    pub who: String,
    /// What: `login`, `account add`, `POST /api/v1/decisions`.
    pub action: String,
    /// About what; empty when the action says it.
    pub target: String,
    /// From where: an address, or `command line`.
    pub address: String,
    /// How it ended: `done`, or `refused` and why.
    pub outcome: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for (given, kept) in [("Anna", "anna"), (" a.b-c_d@e ", "a.b-c_d@e"), ("7", "7")] {
            assert_eq!(checked_name(given).as_deref(), Ok(kept));
        }
        for bad in ["", " ", ".a", "a b", "a\nb", "\u{e4}", "a/b", &"a".repeat(65)] {
            assert!(checked_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn roles_are_in_order_and_secrets_hidden() {
        assert!(Role::Viewer < Role::Editor && Role::Editor < Role::Admin);
        assert_eq!("editor".parse(), Ok(Role::Editor));
        assert!("root".parse::<Role>().is_err());
        assert_eq!(format!("{:?}", PasswordHash("argon".into())), "(set)");
    }
}
