//! Sessions: a login that holds for a while, known by the hash of the token that only the browser has.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// For how long a replaced token still holds: requests that were under way carry it.
pub const REPLACED_SECS: i64 = 30;

/// SHA-256 of a session's token. Whoever reads a store of sessions cannot use one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionKey(pub [u8; 32]);

impl SessionKey {
    /// 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The first digits alone: a log tells sessions apart by it and gives none away.
impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Hash of its token.
    pub key: SessionKey,
    /// Name of the account.
    pub account: String,
    /// When the login was.
    pub created_at: Micros,
    /// When the token in force was given.
    pub rotated_at: Micros,
    /// When it was last used.
    pub seen_at: Micros,
    /// It ends when it was not used for this many microseconds.
    pub idle: i64,
    /// It ends then, used or not.
    pub ends_at: Micros,
    /// Whether another token has taken this one's place; it then holds for `REPLACED_SECS` more.
    pub is_replaced: bool,
}

impl Session {
    /// Whether it holds at `now`.
    pub fn is_in_force(&self, now: Micros) -> bool {
        now < self.ends_at && now.0 < self.seen_at.0.saturating_add(self.idle)
    }

    /// The same under another key from `now` on, with all else kept.
    #[must_use]
    pub fn under(&self, key: SessionKey, now: Micros) -> Self {
        Self { key, rotated_at: now, seen_at: now, ..self.clone() }
    }

    /// What is left of it after another token took its place at `now`.
    #[must_use]
    pub fn replaced(&self, now: Micros) -> Self {
        let soon = Micros(now.0.saturating_add(REPLACED_SECS * Micros::SECOND));
        Self { ends_at: self.ends_at.min(soon), is_replaced: true, ..self.clone() }
    }
}
