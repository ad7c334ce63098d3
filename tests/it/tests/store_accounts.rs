//! The `Accounts` seam of each store: accounts, tokens and the audit log.

use jiff::Timestamp;
use libtest_mimic::Trial;
use model::Micros;
use model::account::{Account, ApiToken, AuditEntry, PasswordHash, Role};
use model::scope::OrgScope;

use crate::contract::{self, Done, Pair, Site, TELEMETRIES};
use crate::store_base::block_on;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let mut trials =
        contract::trials(TELEMETRIES, "store_accounts::the_last_put_of_a_name_holds", accounts);
    trials.extend(contract::trials(
        TELEMETRIES,
        "store_accounts::tokens_keep_all_but_their_end",
        tokens,
    ));
    trials.extend(contract::trials(
        TELEMETRIES,
        "store_accounts::the_log_is_numbered_and_paged",
        audit,
    ));
    trials
}

fn account(name: &str, role: Role, scope: OrgScope) -> Account {
    Account {
        name: name.to_owned(),
        role,
        scope,
        password_hash: PasswordHash("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned()),
        is_disabled: false,
        created_at: Micros(1_000_000),
        password_at: Micros(2_000_000),
    }
}

fn accounts(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let held = store.accounts();
        assert_eq!(held.accounts().await?, []);
        let units = OrgScope::Units(vec!["org://a ' \" \u{e4}".into(), "org://b".into()]);
        let zoe = account("zoe", Role::Admin, OrgScope::Everything);
        let anna = account("anna", Role::Viewer, units);
        held.account_put(&zoe).await?;
        held.account_put(&anna).await?;
        let changed = Account {
            role: Role::Editor,
            scope: OrgScope::Units(Vec::new()),
            password_hash: PasswordHash("other".into()),
            is_disabled: true,
            password_at: Micros(3_000_000),
            ..anna
        };
        held.account_put(&changed).await?;
        drop(held);
        drop(store);
        let store = site.open().await?;
        assert_eq!(store.accounts().accounts().await?, [changed, zoe]);
        Ok(())
    })
}

fn tokens(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let held = store.accounts();
        let token = |hash: &str, prefix: &str| ApiToken {
            prefix: prefix.to_owned(),
            hash: hash.to_owned(),
            account: "anna".to_owned(),
            label: "a label ' \u{e4}".to_owned(),
            role: Role::Editor,
            created_at: Micros(5),
            expires_at: Micros(9),
            revoked_at: None,
        };
        held.token_put(&token("bb", "ubq_2")).await?;
        held.token_put(&token("aa", "ubq_3")).await?;
        let revoked = ApiToken { revoked_at: Some(Micros(7)), ..token("bb", "ubq_2") };
        held.token_put(&revoked).await?;
        assert_eq!(held.tokens().await?, [revoked, token("aa", "ubq_3")]);
        Ok(())
    })
}

fn audit(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let held = store.accounts();
        let entry = |second: i64| AuditEntry {
            id: 0,
            at: Timestamp::from_second(second).unwrap_or_default(),
            who: "anna".to_owned(),
            action: "login".to_owned(),
            target: "' \u{e4}".to_owned(),
            address: "127.0.0.1".to_owned(),
            outcome: "done".to_owned(),
        };
        for second in 1..=5 {
            assert_eq!(held.audit_add(&entry(second)).await?, second.unsigned_abs());
        }
        let numbered = |id: u64, second: i64| AuditEntry { id, ..entry(second) };
        assert_eq!(held.audit(None, 2).await?, [numbered(5, 5), numbered(4, 4)]);
        assert_eq!(held.audit(Some(2), 9).await?, [numbered(1, 1)]);
        Ok(())
    })
}
