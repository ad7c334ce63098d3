//! The tables of accounts, tokens and the log.

use model::account::AuditEntry;
use model::table::{Cell, Table};

use crate::people::change::AccountFact;
use crate::people::token::TokenFact;

/// Accounts as rows.
pub fn accounts_table(accounts: &[AccountFact]) -> Table {
    let columns = [
        ("name", "Account", Cell::Text, ""),
        ("role", "Role", Cell::Text, ""),
        ("units", "Sees", Cell::Text, ""),
        ("is_disabled", "Disabled", Cell::Flag, ""),
        ("created_at", "Made", Cell::Instant, ""),
    ];
    let mut table = Table::new("accounts", &columns);
    for one in accounts {
        let sees = one.units.as_ref().map_or_else(|| "everything".to_owned(), |all| all.join(" "));
        table.rows.push(vec![
            one.name.clone().into(),
            one.role.as_str().into(),
            sees.into(),
            one.is_disabled.into(),
            one.created_at.to_string().into(),
        ]);
    }
    table
}

/// Tokens as rows.
pub fn tokens_table(tokens: &[TokenFact]) -> Table {
    let columns = [
        ("prefix", "Token", Cell::Text, ""),
        ("account", "Account", Cell::Text, ""),
        ("label", "For", Cell::Text, ""),
        ("role", "Role", Cell::Text, ""),
        ("expires_at", "Holds until", Cell::Instant, ""),
        ("is_in_force", "In force", Cell::Flag, ""),
    ];
    let mut table = Table::new("tokens", &columns);
    for one in tokens {
        table.rows.push(vec![
            one.prefix.clone().into(),
            one.account.clone().into(),
            one.label.clone().into(),
            one.role.as_str().into(),
            one.expires_at.to_string().into(),
            one.is_in_force.into(),
        ]);
    }
    table
}

/// Lines of the log as rows.
pub fn audit_table(entries: &[AuditEntry]) -> Table {
    let columns = [
        ("id", "Number", Cell::Count, ""),
        ("at", "When", Cell::Instant, ""),
        ("who", "Who", Cell::Text, ""),
        ("action", "What", Cell::Text, ""),
        ("target", "About", Cell::Text, ""),
        ("address", "From", Cell::Text, ""),
        ("outcome", "Outcome", Cell::Text, ""),
    ];
    let mut table = Table::new("audit", &columns);
    for one in entries {
        table.rows.push(vec![
            one.id.into(),
            one.at.to_string().into(),
            one.who.clone().into(),
            one.action.clone().into(),
            one.target.clone().into(),
            one.address.clone().into(),
            one.outcome.clone().into(),
        ]);
    }
    table
}

/// A table of one row with a secret beside it that is shown this once.
pub fn with_secret(mut table: Table, title: &str, secret: &str) -> Table {
    table.columns.extend(Table::new("", &[("secret", title, Cell::Text, "")]).columns);
    table.rows.iter_mut().for_each(|row| row.push(secret.into()));
    table
}
