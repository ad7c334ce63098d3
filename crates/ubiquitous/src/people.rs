//! Who calls and what they may do: accounts with their passwords and tokens, sessions, limits on logins,
//! and the log of what was done.

pub mod book;
pub mod caller;
pub mod change;
pub mod issuer;
mod limit;
mod password;
mod secret;
pub mod token;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::account::{Account, AuditEntry, checked_name};
use model::error::StoreResult;
use model::seam::{Accounts, Sessions};
use model::session::{Session, SessionKey};
use model::time::Micros;

use crate::problem::Problem;
use book::{Book, Shelf};
use caller::{Caller, Credential};
use limit::LoginLimit;
use password::Passwords;
pub use secret::{hash_of, hex_of, is_same, random_hex};

/// Most letters of an unknown name in the log.
const NAME_LETTERS_MAX: usize = 64;

/// Times of a session.
#[derive(Debug, Clone, Copy)]
pub struct SessionTimes {
    /// It ends when it was not used for so long.
    pub idle: Duration,
    /// It ends after so long, used or not.
    pub longest: Duration,
    /// Its token is replaced after so long.
    pub rotation: Duration,
}

/// Accounts, sessions and the log.
pub struct People {
    accounts: Arc<dyn Accounts>,
    sessions: Arc<dyn Sessions>,
    shelf: Shelf,
    passwords: Passwords,
    limit: LoginLimit,
    times: SessionTimes,
}

impl People {
    /// On these stores. `book_time` is how long what was read of accounts is taken for true: without end
    /// where nobody else writes it.
    pub fn new(
        accounts: Arc<dyn Accounts>,
        sessions: Arc<dyn Sessions>,
        book_time: Option<Duration>,
        times: SessionTimes,
    ) -> Self {
        let shelf = Shelf::new(Arc::clone(&accounts), book_time);
        Self {
            accounts,
            sessions,
            shelf,
            passwords: Passwords::default(),
            limit: LoginLimit::default(),
            times,
        }
    }

    /// The accounts and tokens as they stand.
    ///
    /// # Errors
    /// When the store was away for too long.
    pub async fn book(&self) -> StoreResult<Arc<Book>> {
        self.shelf.book().await
    }

    /// Logs in; gives the account and the new session's token.
    ///
    /// # Errors
    /// 401 when account or password is wrong, whichever it is; 429 after too many tries.
    pub async fn login(
        &self,
        name: &str,
        password: &str,
        address: Option<IpAddr>,
    ) -> Result<(Account, String), Problem> {
        let name = checked_name(name).map_err(|_reason| wrong_login())?;
        let now = Micros::of(Timestamp::now());
        if let Err(secs) = self.limit.take(&name, address, now) {
            return Err(Problem::too_many(format!(
                "too many logins were tried; try again in {secs} s"
            )));
        }
        let book = self.book().await?;
        let account = book.account(&name).filter(|one| !one.is_disabled);
        // An account that does not exist takes as long as one that does.
        let is_right =
            self.passwords.is_right(account.map(|one| &one.password_hash), password).await?;
        let Some(account) = account.filter(|_| is_right) else {
            self.note(&entry(&name, "login", "", address, "refused")).await;
            return Err(wrong_login());
        };
        self.limit.give_back(&name, address);
        let token = self.begin(account, now).await?;
        self.note(&entry(&name, "login", "", address, "done")).await;
        Ok((account.clone(), token))
    }

    /// Logs in whom the issuer named; nobody without an account that may log in.
    ///
    /// # Errors
    /// When a store is away.
    pub async fn login_by_issuer(
        &self,
        name: &str,
        address: Option<IpAddr>,
    ) -> Result<Option<(Account, String)>, Problem> {
        let (book, known) = (self.book().await?, checked_name(name).ok());
        let account = known.and_then(|name| book.account(&name)).filter(|one| !one.is_disabled);
        let Some(account) = account else {
            let who: String = name.chars().take(NAME_LETTERS_MAX).collect();
            self.note(&entry(&who, "login by issuer", "", address, "refused: no account")).await;
            return Ok(None);
        };
        let token = self.begin(account, Micros::of(Timestamp::now())).await?;
        self.note(&entry(&account.name, "login by issuer", "", address, "done")).await;
        Ok(Some((account.clone(), token)))
    }

    /// Begins a session; gives its token.
    async fn begin(&self, account: &Account, now: Micros) -> Result<String, Problem> {
        let token = random_hex(32)?;
        let session = Session {
            key: SessionKey(hash_of(&token)),
            account: account.name.clone(),
            created_at: now,
            rotated_at: now,
            seen_at: now,
            idle: micros(self.times.idle),
            ends_at: Micros(now.0.saturating_add(micros(self.times.longest))),
            is_replaced: false,
        };
        self.sessions.create(&session).await?;
        Ok(token)
    }

    /// The session of a token, with the token that takes its place when it is due.
    ///
    /// # Errors
    /// When the store of sessions is away.
    pub async fn session(&self, token: &str) -> Result<Option<(Session, Option<String>)>, Problem> {
        let (key, now) = (SessionKey(hash_of(token)), Micros::of(Timestamp::now()));
        let Some(session) = self.sessions.find(&key, now).await? else { return Ok(None) };
        let age = now.0.saturating_sub(session.rotated_at.0);
        if session.is_replaced || age < micros(self.times.rotation) {
            return Ok(Some((session, None)));
        }
        let next = random_hex(32)?;
        let moved = self.sessions.rotate(&key, &SessionKey(hash_of(&next)), now).await?;
        Ok(Some(match moved {
            Some(moved) => (moved, Some(next)),
            // Another request of the same browser was first.
            None => (session, None),
        }))
    }

    /// Whether a caller that was let in would be let in again, as the same: what stays open asks it from
    /// time to time. A session is used by it. A store that is away changes nothing for what is open.
    pub async fn holds(&self, caller: &Caller) -> bool {
        let Ok(book) = self.book().await else { return true };
        let now = Micros::of(Timestamp::now());
        let is_in_force = match &caller.credential {
            Credential::None => return book.is_empty(),
            Credential::Owner => return true,
            Credential::Token(hash) => book.token(hash).is_some_and(|one| one.is_in_force(now)),
            Credential::Session(token) => {
                let key = SessionKey(hash_of(&token.0));
                !matches!(self.sessions.find(&key, now).await, Ok(None))
            }
        };
        let account = caller.account.as_deref().and_then(|name| book.account(name));
        is_in_force
            && account.is_some_and(|one| {
                !one.is_disabled && one.role >= caller.role && one.scope == caller.scope
            })
    }

    /// Ends the session of a token.
    ///
    /// # Errors
    /// When the store of sessions is away.
    pub async fn logout(&self, token: &str) -> StoreResult<()> {
        self.sessions.end(&SessionKey(hash_of(token))).await.map(|_was| ())
    }

    /// Forgets the sessions that ended.
    pub async fn expire(&self) {
        if let Err(error) = self.sessions.expire(Micros::of(Timestamp::now())).await {
            tracing::warn!(%error, "sessions that ended are not forgotten yet");
        }
    }

    /// Adds to the log; a line that cannot be kept is logged instead.
    pub async fn note(&self, entry: &AuditEntry) {
        if let Err(error) = self.accounts.audit_add(entry).await {
            tracing::error!(%error, who = entry.who, action = entry.action, "no line in the audit log");
        }
    }

    /// The log, newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit(&self, before: Option<u64>, limit: usize) -> StoreResult<Vec<AuditEntry>> {
        self.accounts.audit(before, limit).await
    }
}

/// A line for the log, of now.
pub fn entry(
    who: &str,
    action: &str,
    target: &str,
    address: Option<IpAddr>,
    outcome: &str,
) -> AuditEntry {
    AuditEntry {
        id: 0,
        at: Timestamp::now(),
        who: who.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        address: address.map_or_else(|| "command line".to_owned(), |one| one.to_string()),
        outcome: outcome.to_owned(),
    }
}

fn wrong_login() -> Problem {
    Problem::unauthorized("account or password is wrong")
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
