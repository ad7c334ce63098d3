//! Accounts as they are made and changed: by the command line, and by admins over HTTP.

use std::sync::Arc;

use jiff::Timestamp;
use model::account::{Account, PasswordHash, Role, checked_name};
use model::scope::OrgScope;
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::caller::{Caller, Credential};
use super::password::nothing;
use super::{People, entry};
use crate::problem::Problem;

/// Most units of one account, and the longest id of one, in bytes.
const UNITS_MAX: usize = 100;
const UNIT_BYTES_MAX: usize = 1_024;
/// Most accounts.
const ACCOUNTS_MAX: usize = 10_000;

/// What to do about an account.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccountRequest {
    /// `add`, `role`, `disable`, `enable` or `password`.
    pub action: String,
    /// Which account.
    pub name: String,
    /// With `add` and `role`: what it may do.
    pub role: Option<Role>,
    /// With `add` and `role`: canonical ids of the units whose subtrees it sees; none is everything.
    pub units: Vec<String>,
    /// With `add` and `password`: the password, 12 to 256 bytes.
    pub password: Option<String>,
    /// With `add` and `password`, instead of one: there is none, and the issuer alone lets in.
    pub without_password: bool,
}

impl std::fmt::Debug for AccountRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { action, name, role, units, .. } = self;
        write!(f, "AccountRequest({action} {name} {role:?} {units:?})")
    }
}

/// One account without its secrets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AccountFact {
    /// Name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Canonical ids of the units whose subtrees it sees; null: everything.
    pub units: Option<Vec<String>>,
    /// Whether it may not log in.
    pub is_disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its password was set or taken away.
    pub password_at: Timestamp,
    /// Whether there is a password; without one the issuer alone lets in.
    pub has_password: bool,
}

/// Accounts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AccountList {
    /// In order of name.
    pub accounts: Vec<AccountFact>,
}

impl People {
    /// Everybody, in order of name.
    ///
    /// # Errors
    /// As any read.
    pub async fn account_list(&self) -> Result<AccountList, Problem> {
        let book = self.book().await?;
        Ok(AccountList { accounts: book.accounts().map(AccountFact::of).collect() })
    }

    /// Makes or changes an account.
    ///
    /// # Errors
    /// When the request is wrong, or would leave no admin.
    pub async fn account_change(
        &self,
        request: &AccountRequest,
        caller: &Caller,
    ) -> Result<AccountFact, Problem> {
        if matches!(caller.credential, Credential::Token(_)) {
            return Err(Problem::forbidden("accounts are changed after a login, not by a token"));
        }
        let name =
            checked_name(&request.name).map_err(|reason| Problem::bad_request("name", reason))?;
        let book: Arc<Book> = self.shelf.read().await?;
        let before = book.account(&name);
        let after = self.after(&name, before, request, &book).await?;
        keeps_an_admin(&book, &after)?;
        let target = match request.action.as_str() {
            "add" | "role" => format!("{name} {} {}", after.role, shown(&after.scope)),
            _ => name.clone(),
        };
        let action = format!("account {}", request.action);
        let note = entry(&caller.who(), &action, &target, caller.address, "done");
        self.accounts.audit_add(&note).await?;
        self.accounts.account_put(&after).await?;
        self.shelf.read().await?;
        // Whoever was logged in as this account logs in again.
        if request.action != "add" {
            self.sessions.end_account(&name).await?;
        }
        Ok(AccountFact::of(&after))
    }

    /// Sets a caller's own password; every session of the account ends.
    ///
    /// # Errors
    /// 401 when the current one is wrong; 429 after too many tries.
    pub async fn own_password(
        &self,
        caller: &Caller,
        current: &str,
        new: &str,
    ) -> Result<(), Problem> {
        let Some(name) = caller.account.as_deref() else {
            return Err(Problem::bad_request("current", "there is no login here"));
        };
        let now = Micros::of(Timestamp::now());
        if let Err(secs) = self.limit.take(name, caller.address, now) {
            let detail = format!("too many passwords were tried; try again in {secs} s");
            return Err(Problem::too_many(detail));
        }
        let book = self.book().await?;
        let account = book.account(name).filter(|one| !one.is_disabled);
        let hash = account.map(|one| &one.password_hash);
        let is_right = self.passwords.is_right(hash, current).await?;
        let Some(account) = account.filter(|_| is_right) else {
            self.note(&entry(name, "password", "", caller.address, "refused")).await;
            return Err(Problem::forbidden("the current password is wrong"));
        };
        self.limit.give_back(name, caller.address);
        let password_hash = self.passwords.hash(name, new).await?;
        let after = Account { password_hash, password_at: now, ..account.clone() };
        self.accounts.audit_add(&entry(name, "password", "", caller.address, "done")).await?;
        self.accounts.account_put(&after).await?;
        self.shelf.read().await?;
        self.sessions.end_account(name).await?;
        Ok(())
    }

    /// The account as the request leaves it.
    async fn after(
        &self,
        name: &str,
        before: Option<&Account>,
        request: &AccountRequest,
        book: &Book,
    ) -> Result<Account, Problem> {
        if request.action == "add" {
            return self.added(name, before, request, book).await;
        }
        let Some(before) = before else {
            return Err(Problem::not_found(format!("no account `{name}`")));
        };
        let before = before.clone();
        Ok(match request.action.as_str() {
            "role" => {
                Account { role: role_of(request)?, scope: scope_of(&request.units)?, ..before }
            }
            "disable" => Account { is_disabled: true, ..before },
            "enable" => Account { is_disabled: false, ..before },
            "password" => Account {
                password_hash: self.password_hash(name, request).await?,
                password_at: Micros::of(Timestamp::now()),
                ..before
            },
            other => {
                let detail = format!(
                    "`{other}` is no action here; there are add, role, disable, enable and password"
                );
                return Err(Problem::bad_request("action", detail));
            }
        })
    }

    async fn added(
        &self,
        name: &str,
        before: Option<&Account>,
        request: &AccountRequest,
        book: &Book,
    ) -> Result<Account, Problem> {
        if before.is_some() {
            return Err(Problem::bad_request("name", format!("there is an account `{name}`")));
        }
        if book.accounts().count() >= ACCOUNTS_MAX {
            return Err(Problem::bad_request("name", format!("there are {ACCOUNTS_MAX} accounts")));
        }
        let (role, scope) = (role_of(request)?, scope_of(&request.units)?);
        let now = Micros::of(Timestamp::now());
        Ok(Account {
            name: name.to_owned(),
            role,
            scope,
            password_hash: self.password_hash(name, request).await?,
            is_disabled: false,
            created_at: now,
            password_at: now,
        })
    }
}

impl People {
    async fn password_hash(
        &self,
        name: &str,
        request: &AccountRequest,
    ) -> Result<PasswordHash, Problem> {
        match (&request.password, request.without_password) {
            (Some(password), false) => self.passwords.hash(name, password).await,
            (None, true) => Ok(nothing()),
            (Some(_), true) => {
                let detail = "give `password` or `without_password`, not both";
                Err(Problem::bad_request("without_password", detail))
            }
            (None, false) => Err(Problem::bad_request("password", "give `password`")),
        }
    }
}

/// Whether an account may look after the others.
pub fn is_head(account: &Account) -> bool {
    account.role == Role::Admin && account.scope == OrgScope::Everything && !account.is_disabled
}

/// Without an admin who sees everything nobody could change anything.
fn keeps_an_admin(book: &Book, after: &Account) -> Result<(), Problem> {
    let mut others = book.accounts().filter(|one| one.name != after.name);
    if is_head(after) || others.any(is_head) {
        return Ok(());
    }
    let detail = "one admin without a scope must be left who may log in; make another one first";
    Err(Problem::bad_request("role", detail))
}

fn role_of(request: &AccountRequest) -> Result<Role, Problem> {
    let missing = || Problem::bad_request("role", "give `role`: viewer, editor or admin");
    request.role.ok_or_else(missing)
}

fn scope_of(units: &[String]) -> Result<OrgScope, Problem> {
    if units.is_empty() {
        return Ok(OrgScope::Everything);
    }
    if units.len() > UNITS_MAX || units.iter().any(|one| one.len() > UNIT_BYTES_MAX) {
        let detail = format!("at most {UNITS_MAX} units, each of at most {UNIT_BYTES_MAX} bytes");
        return Err(Problem::bad_request("units", detail));
    }
    if units.iter().any(|one| one.trim().is_empty()) {
        return Err(Problem::bad_request("units", "a unit is given by its canonical id"));
    }
    let mut units = units.to_vec();
    units.sort();
    units.dedup();
    Ok(OrgScope::Units(units))
}

fn shown(scope: &OrgScope) -> String {
    match scope {
        OrgScope::Everything => "everything".to_owned(),
        OrgScope::Units(units) => units.join(" "),
    }
}

impl AccountFact {
    fn of(account: &Account) -> Self {
        let units = match &account.scope {
            OrgScope::Everything => None,
            OrgScope::Units(units) => Some(units.clone()),
        };
        Self {
            name: account.name.clone(),
            role: account.role,
            units,
            is_disabled: account.is_disabled,
            created_at: account.created_at.timestamp(),
            password_at: account.password_at.timestamp(),
            has_password: account.password_hash != nothing(),
        }
    }
}
