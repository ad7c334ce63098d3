//! Tokens with which programs call: made once, kept as a hash, shown by their first letters.

use jiff::Timestamp;
use model::account::{ApiToken, Role};
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::caller::{Caller, Credential};
use super::{People, entry, hash_of, hex_of, random_hex};
use crate::problem::Problem;

/// How every token begins, so that scanners of secrets know one.
pub const BEGINS: &str = "ubq_";
/// Letters of a token that are shown.
const PREFIX_LETTERS: usize = 12;
/// Days a token holds when nobody says, and at most.
const DAYS: u64 = 90;
const DAYS_MAX: u64 = 366;
/// Tokens in force of one account.
const TOKENS_MAX: usize = 50;
/// Longest label, in bytes.
const LABEL_BYTES_MAX: usize = 200;

/// What to do about tokens.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokenRequest {
    /// `add` or `revoke`.
    pub action: String,
    /// Whose; without it the caller's own.
    pub account: Option<String>,
    /// Of a new one: what it is for.
    pub label: Option<String>,
    /// Of a new one: most that it may do, `viewer` without it; the account's role bounds it.
    pub role: Option<Role>,
    /// Of a new one: days it holds, 1 to 366; 90 without it.
    pub days: Option<u64>,
    /// Which one is revoked: its first letters, as the list shows them.
    pub prefix: Option<String>,
}

/// A token without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenFact {
    /// Its first letters.
    pub prefix: String,
    /// Whose it is.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// Most that it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it does not hold any more.
    pub expires_at: Timestamp,
    /// When it was revoked; null when it was not.
    pub revoked_at: Option<Timestamp>,
    /// Whether it holds now.
    pub is_in_force: bool,
}

/// Tokens.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenList {
    /// In order of account, time and prefix.
    pub tokens: Vec<TokenFact>,
}

/// What became of a request about tokens.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenAnswer {
    /// The token as it stands.
    pub token: TokenFact,
    /// The new token itself. It is shown this once.
    pub secret: Option<String>,
}

impl People {
    /// The tokens a caller may know: its own; an admin without a scope, and the user who runs the server,
    /// everybody's.
    ///
    /// # Errors
    /// As any read.
    pub async fn token_list(&self, caller: &Caller) -> Result<TokenList, Problem> {
        let now = Micros::of(Timestamp::now());
        let book = self.book().await?;
        let own = book.tokens().filter(|one| may_touch(caller, &one.account));
        let mut tokens: Vec<TokenFact> = own.map(|one| fact_of(one, now)).collect();
        tokens.sort_by(|a, b| {
            (&a.account, a.created_at, &a.prefix).cmp(&(&b.account, b.created_at, &b.prefix))
        });
        Ok(TokenList { tokens })
    }

    /// Makes or revokes one.
    ///
    /// # Errors
    /// When the request is wrong, or about another's token.
    pub async fn token_change(
        &self,
        request: &TokenRequest,
        caller: &Caller,
    ) -> Result<TokenAnswer, Problem> {
        let name = request.account.clone().or_else(|| caller.account.clone());
        let name = name
            .ok_or_else(|| Problem::bad_request("account", "give `account`: whose token it is"))?;
        if !may_touch(caller, &name) {
            return Err(Problem::forbidden("another account's tokens are for admins only"));
        }
        match request.action.as_str() {
            "add" => self.token_add(&name, request, caller).await,
            "revoke" => self.token_revoke(&name, request, caller).await,
            other => {
                let detail = format!("`{other}` is no action here; there are add and revoke");
                Err(Problem::bad_request("action", detail))
            }
        }
    }

    async fn token_add(
        &self,
        name: &str,
        request: &TokenRequest,
        caller: &Caller,
    ) -> Result<TokenAnswer, Problem> {
        if matches!(caller.credential, Credential::Token(_)) {
            return Err(Problem::forbidden("a token makes no tokens; log in for it"));
        }
        let now = Micros::of(Timestamp::now());
        let book = self.book().await?;
        if book.account(name).is_none_or(|one| one.is_disabled) {
            return Err(Problem::not_found(format!("no account `{name}` that may log in")));
        }
        let own = book.tokens().filter(|one| one.account == name && one.is_in_force(now));
        if own.count() >= TOKENS_MAX {
            let detail = format!("`{name}` has {TOKENS_MAX} tokens; revoke one first");
            return Err(Problem::bad_request("account", detail));
        }
        let label = request.label.clone().unwrap_or_default();
        if label.len() > LABEL_BYTES_MAX {
            let detail = format!("the label is longer than {LABEL_BYTES_MAX} bytes");
            return Err(Problem::bad_request("label", detail));
        }
        let days = request.days.unwrap_or(DAYS);
        if !(1..=DAYS_MAX).contains(&days) {
            let detail = format!("days is {days}; it is 1 to {DAYS_MAX}");
            return Err(Problem::bad_request("days", detail));
        }
        let secret = format!("{BEGINS}{}", random_hex(32)?);
        let lasting = i64::try_from(days).unwrap_or(1).saturating_mul(Micros::DAY);
        let token = ApiToken {
            prefix: secret.chars().take(PREFIX_LETTERS).collect(),
            hash: hex_of(&hash_of(&secret)),
            account: name.to_owned(),
            label,
            role: request.role.unwrap_or(Role::Viewer),
            created_at: now,
            expires_at: Micros(now.0.saturating_add(lasting)),
            revoked_at: None,
        };
        self.token_keep(&token, "token add", caller).await?;
        Ok(TokenAnswer { token: fact_of(&token, now), secret: Some(secret) })
    }

    async fn token_revoke(
        &self,
        name: &str,
        request: &TokenRequest,
        caller: &Caller,
    ) -> Result<TokenAnswer, Problem> {
        let now = Micros::of(Timestamp::now());
        let prefix = request.prefix.as_deref().unwrap_or("");
        let book = self.book().await?;
        let mut found = book
            .tokens()
            .filter(|one| one.account == name && one.prefix == prefix && one.revoked_at.is_none());
        let Some(token) = found.next() else {
            let detail = format!("`{name}` has no token `{prefix}`, or it is revoked");
            return Err(Problem::not_found(detail));
        };
        let token = ApiToken { revoked_at: Some(now), ..token.clone() };
        self.token_keep(&token, "token revoke", caller).await?;
        Ok(TokenAnswer { token: fact_of(&token, now), secret: None })
    }

    async fn token_keep(
        &self,
        token: &ApiToken,
        action: &str,
        caller: &Caller,
    ) -> Result<(), Problem> {
        let target = format!("{} {}", token.account, token.prefix);
        let note = entry(&caller.who(), action, &target, caller.address, "done");
        self.accounts.audit_add(&note).await?;
        self.accounts.token_put(token).await?;
        self.shelf.read().await?;
        Ok(())
    }
}

/// Whether a caller may know and change the tokens of an account.
fn may_touch(caller: &Caller, account: &str) -> bool {
    let is_admin = caller.role == Role::Admin && !caller.is_scoped();
    caller.account.as_deref() == Some(account) || is_admin
}

fn fact_of(token: &ApiToken, now: Micros) -> TokenFact {
    TokenFact {
        prefix: token.prefix.clone(),
        account: token.account.clone(),
        label: token.label.clone(),
        role: token.role,
        created_at: token.created_at.timestamp(),
        expires_at: token.expires_at.timestamp(),
        revoked_at: token.revoked_at.map(Micros::timestamp),
        is_in_force: token.is_in_force(now),
    }
}
