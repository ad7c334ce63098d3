//! The `Records` seam of each store: settings, decisions and rules.

use jiff::Timestamp;
use libtest_mimic::Trial;
use model::Micros;
use model::decision::{DecisionAction, DecisionTarget, NewDecision};

use crate::contract::{self, Done, Pair, Site, TELEMETRIES};
use crate::store_base::block_on;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let mut trials =
        contract::trials(TELEMETRIES, "store_records::decisions_are_numbered_and_stay", decisions);
    trials.extend(contract::trials(
        TELEMETRIES,
        "store_records::the_newest_rules_and_settings_hold",
        rules,
    ));
    trials
}

fn decisions(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let records = store.records();
        assert_eq!(records.decisions_version().await?.number, 0);
        let new = |target: DecisionTarget, action: DecisionAction, second: i64| NewDecision {
            target,
            action,
            author: "somebody".into(),
            reason: "as agreed: \u{e4} ' \" \\".into(),
            decided_at: Timestamp::from_second(second).unwrap_or_default(),
            until: (second % 2 == 0)
                .then(|| Timestamp::from_second(second * 2).unwrap_or_default()),
        };
        let target = DecisionTarget::Risk("single".into(), "service://_/_/one".into());
        let first =
            records.decision_put(&new(target.clone(), DecisionAction::Accept, 1_000)).await?;
        let second = records.decision_put(&new(target, DecisionAction::Undo, 999)).await?;
        assert_eq!((first.id, second.id), (1, 2));
        let version = records.decisions_version().await?;
        assert_eq!((version.number, version.newest), (2, Some(Micros(1_000_000_000))));
        drop(records);
        drop(store);
        let store = site.open().await?;
        assert_eq!(store.records().decisions().await?, [first, second]);
        Ok(())
    })
}

fn rules(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let records = store.records();
        assert_eq!(records.rules().await?, None);
        for (version, text) in [(1, "- a: 1\n"), (2, "- b: 2\n")] {
            let put = records.rules_put(text, "somebody", Micros(5_000_000)).await?;
            assert_eq!((put.version, put.text.as_str()), (version, text));
        }
        let held = records.rules().await?.ok_or("no rules")?;
        assert_eq!((held.version, held.text.as_str()), (2, "- b: 2\n"));
        assert_eq!(held.put_at, Micros(5_000_000).timestamp());
        assert_eq!(records.decisions_version().await?.number, 2);
        assert_eq!(records.setting("scenario_seed").await?, None);
        records.setting_put("scenario_seed", "1").await?;
        records.setting_put("scenario_seed", "2").await?;
        assert_eq!(records.setting("scenario_seed").await?.as_deref(), Some("2"));
        Ok(())
    })
}
