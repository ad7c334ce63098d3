//! `ubiquitous account`: who may log in, tokens for programs, and the log of what was done; through the
//! process that owns the folder or directly.

mod table;

use std::io::Read;

use clap::{Args, Subcommand};
use model::account::Role;
use serde::Serialize;

use super::Everywhere;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::exit::{Exit, Failure};
use crate::http::AuditList;
use crate::people::caller::Caller;
use crate::people::change::{AccountFact, AccountList, AccountRequest};
use crate::people::random_hex;
use crate::people::token::{TokenAnswer, TokenList, TokenRequest};
use crate::problem::Problem;
use crate::{output, owner};
use table::{accounts_table, audit_table, tokens_table, with_secret};

/// Lines of the log that are shown when nobody says.
const AUDIT_LINES: usize = 50;
/// Longest password that is read.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// Options.
#[derive(Debug, Args)]
pub struct Account {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account; without --password-stdin or --no-password a password is made and shown once
    Add {
        /// Its name
        name: String,
        #[command(flatten)]
        rights: Rights,
        #[command(flatten)]
        password: PasswordChoice,
    },
    /// Every account
    List,
    /// Change what an account may do and see; it logs in again
    Role {
        /// Its name
        name: String,
        #[command(flatten)]
        rights: Rights,
    },
    /// Let an account log in no more; its sessions end, its tokens are dead
    Disable {
        /// Its name
        name: String,
    },
    /// Let a disabled account log in again
    Enable {
        /// Its name
        name: String,
    },
    /// Set an account's password; without --password-stdin or --no-password one is made and shown once
    Password {
        /// Its name
        name: String,
        #[command(flatten)]
        password: PasswordChoice,
    },
    /// Tokens with which programs call
    #[command(subcommand)]
    Token(TokenCommand),
    /// Who did what, when and from where; newest first
    Audit {
        /// Most lines
        #[arg(long, value_name = "LINES", default_value_t = AUDIT_LINES)]
        lines: usize,
        /// Only what lies before this number
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
    },
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy, Args)]
struct PasswordChoice {
    /// Read the password from stdin
    #[arg(long, conflicts_with = "no_password")]
    password_stdin: bool,
    /// No password: the issuer of `oidc_issuer` alone lets in
    #[arg(long)]
    no_password: bool,
}

/// What an account may do and see.
#[derive(Debug, Args)]
struct Rights {
    /// viewer reads; editor also ingests and decides; admin also looks after accounts
    #[arg(long)]
    role: Role,
    /// Canonical id of a unit whose subtree it sees; may be repeated [default: everything]
    #[arg(long, value_name = "UNIT")]
    unit: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token; it is shown once
    Add {
        /// Whose
        account: String,
        /// What it is for
        #[arg(long, default_value = "")]
        label: String,
        /// Most that it may do
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Days it holds, 1 to 366
        #[arg(long, default_value_t = 90)]
        days: u64,
    },
    /// Every token, by its first letters
    List,
    /// Revoke a token
    Revoke {
        /// Whose
        account: String,
        /// Its first letters, as the list shows them
        prefix: String,
    },
}

/// Runs the command.
pub fn run(
    account: &Account,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let request = |action: &str, name: &str| AccountRequest {
        action: action.to_owned(),
        name: name.to_owned(),
        ..AccountRequest::default()
    };
    let of_rights = |action: &str, name: &str, rights: &Rights| AccountRequest {
        role: Some(rights.role),
        units: rights.unit.clone(),
        ..request(action, name)
    };
    match &account.command {
        AccountCommand::Add { name, rights, password } => {
            with_password(of_rights("add", name, rights), *password, configuration, everywhere)
        }
        AccountCommand::Password { name, password } => {
            with_password(request("password", name), *password, configuration, everywhere)
        }
        AccountCommand::Role { name, rights } => {
            show(&changed(&of_rights("role", name, rights), configuration)?, everywhere)
        }
        AccountCommand::Disable { name } => {
            show(&changed(&request("disable", name), configuration)?, everywhere)
        }
        AccountCommand::Enable { name } => {
            show(&changed(&request("enable", name), configuration)?, everywhere)
        }
        AccountCommand::List => list(configuration, everywhere),
        AccountCommand::Token(command) => token(command, configuration, everywhere),
        AccountCommand::Audit { lines, before } => {
            audit(*lines, *before, configuration, everywhere)
        }
    }
}

/// An account with a password that was made for it.
#[derive(Serialize)]
struct WithPassword<'a> {
    #[serde(flatten)]
    account: &'a AccountFact,
    /// Shown once; null when it was given.
    password: Option<&'a str>,
}

fn with_password(
    mut request: AccountRequest,
    choice: PasswordChoice,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    request.without_password = choice.no_password;
    request.password = match (choice.no_password, choice.password_stdin) {
        (true, _) => None,
        (false, true) => Some(stdin_password()?),
        (false, false) => Some(random_hex(12)?),
    };
    let account = changed(&request, configuration)?;
    let made = request.password.as_deref().filter(|_| !choice.password_stdin);
    let shown = WithPassword { account: &account, password: made };
    let mut table = accounts_table(std::slice::from_ref(&account));
    if let Some(password) = shown.password {
        table = with_secret(table, "Password, shown once", password);
    }
    output::tables(&shown, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

/// The first line of stdin.
fn stdin_password() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Problem::bad_request("password", format!("stdin: {error}")))?;
    Ok(text.lines().next().unwrap_or("").to_owned())
}

fn changed(
    request: &AccountRequest,
    configuration: &Configuration,
) -> Result<AccountFact, Failure> {
    if let Some(owner) = owner::find(&configuration.data_dir())? {
        let body = serde_json::to_vec(request).unwrap_or_default();
        return owner.post("/api/v1/accounts", "application/json", &body);
    }
    directly(configuration, true, async |estate| {
        estate.people().account_change(request, &Caller::owner(None)).await
    })
}

/// Runs `work` on the estate opened by this command.
fn directly<T>(
    configuration: &Configuration,
    is_change: bool,
    work: impl AsyncFnOnce(&Estate) -> Result<T, Problem>,
) -> Result<T, Failure> {
    super::runtime()?.block_on(async {
        let estate = if is_change {
            Estate::open(configuration).await?
        } else {
            Estate::open_to_read(configuration).await?
        };
        let done = work(&estate).await;
        estate.close().await;
        done.map_err(Failure::from)
    })
}

fn show(account: &AccountFact, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let table = accounts_table(std::slice::from_ref(account));
    output::tables(account, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn list(configuration: &Configuration, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let list: AccountList = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.get("/api/v1/accounts")?,
        None => {
            directly(configuration, false, async |estate| estate.people().account_list().await)?
        }
    };
    let table = accounts_table(&list.accounts);
    output::tables(&list, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn token(
    command: &TokenCommand,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let request = match command {
        TokenCommand::List => return token_list(configuration, everywhere),
        TokenCommand::Add { account, label, role, days } => TokenRequest {
            action: "add".to_owned(),
            account: Some(account.clone()),
            label: Some(label.clone()),
            role: Some(*role),
            days: Some(*days),
            prefix: None,
        },
        TokenCommand::Revoke { account, prefix } => TokenRequest {
            action: "revoke".to_owned(),
            account: Some(account.clone()),
            prefix: Some(prefix.clone()),
            ..TokenRequest::default()
        },
    };
    let answer: TokenAnswer = match owner::find(&configuration.data_dir())? {
        Some(owner) => {
            let body = serde_json::to_vec(&request).unwrap_or_default();
            owner.post("/api/v1/tokens", "application/json", &body)?
        }
        None => directly(configuration, true, async |estate| {
            estate.people().token_change(&request, &Caller::owner(None)).await
        })?,
    };
    let mut table = tokens_table(std::slice::from_ref(&answer.token));
    if let Some(secret) = &answer.secret {
        table = with_secret(table, "Token, shown once", secret);
    }
    output::tables(&answer, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn token_list(configuration: &Configuration, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let list: TokenList = match owner::find(&configuration.data_dir())? {
        Some(owner) => owner.get("/api/v1/tokens")?,
        None => directly(configuration, false, async |estate| {
            estate.people().token_list(&Caller::owner(None)).await
        })?,
    };
    let table = tokens_table(&list.tokens);
    output::tables(&list, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}

fn audit(
    lines: usize,
    before: Option<u64>,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let lines = lines.clamp(1, 1_000);
    let list: AuditList = match owner::find(&configuration.data_dir())? {
        Some(owner) => {
            let before = before.map(|number| format!("&before={number}")).unwrap_or_default();
            owner.get(&format!("/api/v1/audit?limit={lines}{before}"))?
        }
        None => directly(configuration, false, async |estate| {
            let entries = estate.people().audit(before, lines).await?;
            Ok(AuditList { entries, next: None })
        })?,
    };
    let table = audit_table(&list.entries);
    output::tables(&list, &[table], everywhere.output, &everywhere.tables)?;
    Ok(Exit::Done)
}
