//! Changes as CSV: what, of which entity, when, by whom, and where to read more.

use model::entity::Labels;
use model::event::ChangeObservation;
use xxhash_rust::xxh3::xxh3_64;

use super::kind_of;
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::event_table::{self, Field, Refusal, Row, has, list};
use crate::format::incident::message::{self, HARMED};
use crate::format::named::{self, Around};
use crate::input::{Input, Out};

/// A table of changes.
pub const CSV: Format =
    Format { name: "change-csv", title: "tables of changes (CSV)", recognise, read };

/// Source of rows that name none.
const SOURCE: &str = "change-csv";

/// Fields and their columns.
const FIELDS: &[Field] = &[
    ("id", &["id", "change_id", "number", "deployment_id", "change"]),
    (
        "at",
        &[
            "at",
            "when",
            "time",
            "timestamp",
            "changed_at",
            "deployed_at",
            "released_at",
            "started_at",
            "occurred_at",
            "implemented_at",
            "created_at",
            "date",
            "datetime",
        ],
    ),
    ("kind", &["kind", "type", "change_type", "category", "what"]),
    ("title", &["title", "summary", "description", "message", "short_description", "what", "name"]),
    (
        "entity",
        &[
            "entity",
            "entities",
            "service",
            "services",
            "application",
            "app",
            "target",
            "component",
            "components",
            "workload",
            "resource",
            "repository",
            "cmdb_ci",
        ],
    ),
    (
        "actor",
        &["actor", "who", "author", "user", "by", "deployed_by", "changed_by", "requested_by"],
    ),
    ("link", &["link", "url", "html_url"]),
    ("source", &["source"]),
    ("environment", &["environment", "env"]),
    ("namespace", &["namespace"]),
    ("cluster", &["cluster"]),
];

fn recognise(input: &Input<'_>) -> Option<String> {
    let names = event_table::header(input.bytes);
    let has = |field: &str| has(&names, FIELDS, field);
    let is_said = has("kind") || has("title");
    // Beside a time and a name, values make a series of it, and ends something that lasts.
    let is_other =
        ["metric", "value", "amount", "cost", "unit", "resolved_at", "severity", "span_id"]
            .iter()
            .any(|one| names.iter().any(|name| name == one));
    (has("at") && has("entity") && is_said && !is_other)
        .then(|| "it has the columns of a table of changes".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    out.source(SOURCE);
    event_table::read(input, FIELDS, out, &mut |row, out| {
        let change = change(row, input)?;
        let stated = row.cell("source").map(|name| format!("{SOURCE}:{name}"));
        out.regard(stated.as_deref().unwrap_or(SOURCE), None);
        out.batch().changes.push(change);
        out.added(1);
        Ok(())
    })
}

fn change(row: &Row<'_>, input: &Input<'_>) -> Result<ChangeObservation, Refusal> {
    let at = row.instant("at")?.ok_or_else(|| {
        (row.place("at"), "the cell is empty; every change has an instant".into())
    })?;
    let stated = row.cell("kind").unwrap_or("change");
    let title = row.cell("title").unwrap_or(stated);
    let harmed = row.cell("entity").map(list).unwrap_or_default();
    let around = Around {
        environment: row.cell("environment"),
        namespace: row.cell("namespace"),
        cluster: row.cell("cluster"),
    };
    let mut entities = Vec::new();
    for reference in harmed.iter().filter_map(|name| named::reference(name, around, input.context))
    {
        if !entities.contains(&reference) {
            entities.push(reference);
        }
    }
    let mut labels = Labels::new();
    message::names(&mut labels, HARMED, &harmed);
    message::label(&mut labels, "environment", row.cell("environment").unwrap_or_default());
    for (name, cell) in row.others() {
        message::label(&mut labels, name, cell);
    }
    // Without an id of its own, what it says tells it apart: the same row twice is one change.
    let by_content = || {
        let said = format!("{at}|{stated}|{title}|{}", harmed.join("|"));
        format!("{:016x}", xxh3_64(said.as_bytes()))
    };
    Ok(ChangeObservation {
        external_id: row.cell("id").map_or_else(by_content, str::to_owned),
        kind: kind_of(stated).map_or_else(|| stated.to_lowercase(), str::to_owned),
        title: title.to_owned(),
        at,
        actor: row.cell("actor").map(str::to_owned),
        link: row.cell("link").map(str::to_owned),
        entities,
        count: 1,
        labels,
    })
}

#[cfg(test)]
mod tests {
    use crate::format::incident::tests::read_whole;

    #[test]
    fn what_which_when_who_and_link() {
        let text = "when,entity,what,who,link\n\
            2026-09-01 10:00:00,shop/checkout,Deploy 1.2.3,mina,https://ci/1\n\
            ,checkout,Nothing,,\n\
            2026-09-02,cart;checkout,Flag new-basket on,,\n";
        let batch = read_whole(text);
        let [deploy, flag] = batch.changes.as_slice() else { panic!("{:?}", batch.rejects) };
        assert_eq!((&*deploy.kind, &*deploy.title), ("deployment", "Deploy 1.2.3"));
        assert_eq!(
            (deploy.actor.as_deref(), deploy.link.as_deref()),
            (Some("mina"), Some("https://ci/1"))
        );
        assert_eq!(deploy.entities[0].label(), "service://_/shop/checkout");
        assert_eq!((&*flag.kind, flag.entities.len()), ("flag", 2));
        assert_eq!(batch.rejects[0].location, "row 3, column at");
        let ids = |batch: &model::Batch| -> Vec<String> {
            batch.changes.iter().map(|one| one.external_id.clone()).collect()
        };
        assert_eq!(ids(&batch), ids(&read_whole(text)), "the same rows are the same changes");
    }

    #[test]
    fn a_series_is_no_table_of_changes() {
        for text in ["time,service,value\n2026-01-01,a,1\n", "metric,at,entity,kind,value\n,,,,\n"]
        {
            let input = crate::input::Input {
                name: "t",
                bytes: text.as_bytes(),
                context: &crate::InputContext::default(),
            };
            assert!((super::CSV.recognise)(&input).is_none(), "{text}");
        }
    }
}
