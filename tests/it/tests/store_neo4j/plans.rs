//! Plans on the real server: what was written and read is recorded with its parameters, measured without
//! leaving anything behind, and an index that is made is used.

use model::fact::{OperatorKind, TuningChange};
use model::seam::{PlanMode, Tuning};
use model::workload::{WorkloadKind, WorkloadParameter, WorkloadStatement};
use serde_json::{Map, json};

use crate::contract::neo4j::Graph;
use crate::contract::{Done, Pair};
use crate::store_base::{block_on, context};

use super::three;

/// Writes, measures every recorded statement, makes an index and takes it back.
pub fn measured(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let store = graph.open().await?;
        for write in three() {
            store.topology().write(write).await?;
        }
        let tuning = store.tuning();
        let ran = tuning.workload_take();
        let kinds = |kind: WorkloadKind| ran.iter().filter(|one| one.kind == kind).count();
        assert!(kinds(WorkloadKind::Read) >= 1 && kinds(WorkloadKind::Write) >= 4, "{ran:?}");
        let all = "MATCH (n) RETURN count(n)";
        let before = store.cypher().ask(all, Map::new()).await?;
        let (mut count, mut refused) = (0, Vec::new());
        for one in ran.iter().filter(|one| !one.text.is_empty()) {
            let explained = tuning.plan(&context(), one, PlanMode::Explained).await?;
            assert!(!explained.is_measured && !explained.nodes.is_empty(), "{}", one.name);
            match tuning.plan(&context(), one, PlanMode::Measured).await {
                Ok(plan) => {
                    assert!(plan.is_measured && !plan.nodes.is_empty(), "{}: {plan:?}", one.name);
                    count += 1;
                }
                // What creates something of a unique name cannot be done twice.
                Err(error) => refused.push(format!("{}: {error}", one.name)),
            }
        }
        assert!(count >= 4, "{count} statements of {} were measured: {refused:?}", ran.len());
        assert_eq!(store.cypher().ask(all, Map::new()).await?, before, "a write was left behind");
        index(tuning.as_ref()).await
    })
}

/// A property without an index: its label is scanned; with one it is not.
async fn index(tuning: &dyn Tuning) -> Done {
    let asked = WorkloadStatement {
        store: "neo4j".to_owned(),
        name: "never_seen".to_owned(),
        kind: WorkloadKind::Read,
        text: "MATCH (e:Entity) WHERE e.account = $account RETURN e.id".to_owned(),
        parameters: vec![WorkloadParameter {
            name: "account".to_owned(),
            value: json!("123").to_string(),
        }],
        count: 1,
        error_count: 0,
        rows: 0,
        seconds_total: 1.0,
        seconds_longest: 1.0,
        bins: [(1, 1)].into(),
    };
    let plan = tuning.plan(&context(), &asked, PlanMode::Measured).await?;
    let scan = plan.nodes.iter().find(|node| node.kind == OperatorKind::LabelScan);
    let scan = scan.ok_or_else(|| format!("no scan of the label: {plan:?}"))?;
    assert_eq!(scan.table.as_deref(), Some("Entity"));
    assert_eq!(scan.conditions.first().map(|one| one.column.as_str()), Some("account"));
    let change = TuningChange::IndexCreate {
        table: "Entity".to_owned(),
        columns: vec!["account".to_owned()],
        known: None,
    };
    let steps = tuning.steps(&context(), &change).await?.ok_or("no steps")?;
    tuning.run(&steps.statements).await?;
    let plan = tuning.plan(&context(), &asked, PlanMode::Measured).await;
    let report = tuning.tables(&context()).await;
    // The server is shared: what was made goes before anything is judged.
    tuning.run(&steps.undo).await?;
    let (plan, report) = (plan?, report?);
    assert!(plan.nodes.iter().any(|node| node.kind == OperatorKind::IndexScan), "{plan:?}");
    assert!(report.missing.is_empty(), "{:?}", report.missing);
    let made = report.indexes.iter().find(|one| one.columns == ["account"]);
    assert!(made.is_some_and(|one| one.is_valid && !one.is_constraint), "{:?}", report.indexes);
    assert!(report.tables.iter().any(|one| one.name == "Entity" && one.rows == Some(3)));
    Ok(())
}
