//! Who a request comes from, with what it may do and see.

use std::net::IpAddr;

use analysis::Viewer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::account::{Account, ApiToken, Role};
use model::scope::OrgScope;

use crate::problem::Problem;

/// By what a caller is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// There are no accounts: whoever reaches the loopback address.
    None,
    /// The token in the data folder: a command of the user who runs the server.
    Owner,
    /// A login, by the token of its session.
    Session(SessionToken),
    /// A program's token, by its hash.
    Token(String),
}

/// The token of a session; it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(pub String);

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(set)")
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Name of the account; `None` without accounts and for the user who runs the server.
    pub account: Option<String>,
    /// What may be done.
    pub role: Role,
    /// What may be seen.
    pub scope: OrgScope,
    /// How it is known.
    pub credential: Credential,
    /// From where.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// Whoever reaches a server without accounts.
    pub fn local(address: Option<IpAddr>) -> Self {
        Self {
            account: None,
            role: Role::Admin,
            scope: OrgScope::Everything,
            credential: Credential::None,
            address,
        }
    }

    /// A command of the user who runs the server.
    pub fn owner(address: Option<IpAddr>) -> Self {
        Self { credential: Credential::Owner, ..Self::local(address) }
    }

    /// An account that logged in.
    pub fn of_session(account: &Account, token: String, address: Option<IpAddr>) -> Self {
        Self {
            account: Some(account.name.clone()),
            role: account.role,
            scope: account.scope.clone(),
            credential: Credential::Session(SessionToken(token)),
            address,
        }
    }

    /// A program of an account.
    pub fn of_token(account: &Account, token: &ApiToken, address: Option<IpAddr>) -> Self {
        Self {
            account: Some(account.name.clone()),
            role: account.role.min(token.role),
            scope: account.scope.clone(),
            credential: Credential::Token(token.hash.clone()),
            address,
        }
    }

    /// As it stands in the log.
    pub fn who(&self) -> String {
        match &self.account {
            Some(name) => name.clone(),
            None => format!("user:{}", crate::cli::user().unwrap_or_else(|| "?".to_owned())),
        }
    }

    /// As the questions know it.
    pub fn viewer(&self) -> Viewer {
        Viewer { org_scope: self.scope.clone() }
    }

    /// Whether it sees a part of the organisation only.
    pub fn is_scoped(&self) -> bool {
        self.scope != OrgScope::Everything
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    /// What the gate found out; a request that did not pass it has none.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::unauthorized("log in first"))
    }
}
