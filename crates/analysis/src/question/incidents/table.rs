//! The tables of `incidents`.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{
    IncidentDuration, IncidentDurations, IncidentFigure, IncidentGroup, IncidentRow,
    IncidentsAnswer,
};
use crate::value::downtime_table;

/// Columns of a group.
const GROUP: [(&str, &str, Cell, &str); 12] = [
    ("count", "Incidents", Cell::Count, ""),
    ("began", "Began", Cell::Count, ""),
    ("ended", "Ended", Cell::Count, ""),
    ("open", "Open", Cell::Count, ""),
    ("resolve_n", "Resolved, n", Cell::Count, ""),
    ("resolve_mean_low", "Resolve, mean, at least", Cell::Number, "s"),
    ("resolve_mean_high", "Resolve, mean, at most", Cell::Number, "s"),
    ("resolve_median_low", "Resolve, median, at least", Cell::Number, "s"),
    ("resolve_median_high", "Resolve, median, at most", Cell::Number, "s"),
    ("resolve_from_detected_n", "From detected, n", Cell::Count, ""),
    ("resolve_from_detected_median_low", "From detected, median, at least", Cell::Number, "s"),
    ("resolve_from_detected_median_high", "From detected, median, at most", Cell::Number, "s"),
];

fn group_cells(group: &IncidentGroup) -> Vec<Value> {
    let (resolve, detected) = (&group.durations.resolve, &group.durations.resolve_from_detected);
    vec![
        json!(group.count),
        json!(group.began),
        json!(group.ended),
        json!(group.open),
        json!(resolve.n),
        json!(resolve.mean.low),
        json!(resolve.mean.high),
        json!(resolve.median.low),
        json!(resolve.median.high),
        json!(detected.n),
        json!(detected.median.low),
        json!(detected.median.high),
    ]
}

impl IncidentsAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.durations(),
            incident_table("incidents", &self.incidents),
            self.periods(),
            self.breakdowns(),
            self.recurrence(),
            downtime_table("downtime_cost", &self.downtime_cost),
        ]
    }

    fn durations(&self) -> Table {
        let columns = [
            ("duration", "Duration", Cell::Text, ""),
            ("figure", "Figure", Cell::Text, ""),
            ("low", "At least", Cell::Number, "s"),
            ("high", "At most", Cell::Number, "s"),
            ("interval_low", "95 % from", Cell::Number, "s"),
            ("interval_high", "95 % to", Cell::Number, "s"),
            ("n", "n", Cell::Count, ""),
            ("n_without", "Without both instants", Cell::Count, ""),
            ("reason", "Reason", Cell::Text, ""),
        ];
        let mut table = Table::new("durations", &columns);
        let IncidentDurations { detect, acknowledge, resolve, resolve_from_detected } =
            &self.total.durations;
        for (name, one) in [
            ("detect", detect),
            ("acknowledge", acknowledge),
            ("resolve", resolve),
            ("resolve_from_detected", resolve_from_detected),
        ] {
            table.rows.extend(duration_rows(name, one));
        }
        table
    }

    fn periods(&self) -> Table {
        let mut columns = vec![
            ("from", "From", Cell::Instant, ""),
            ("to", "To", Cell::Instant, ""),
            ("is_complete", "Complete", Cell::Flag, ""),
        ];
        columns.extend(GROUP);
        columns.push(("p_value", "p against the period before", Cell::Number, "1"));
        let mut table = Table::new("periods", &columns);
        for one in &self.periods {
            let mut row = vec![json!(one.from), json!(one.to), json!(one.is_complete)];
            row.extend(group_cells(&one.group));
            row.push(json!(one.rates.p_value));
            table.rows.push(row);
        }
        table
    }

    fn breakdowns(&self) -> Table {
        let mut columns = vec![
            ("by", "By", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("key", "Id", Cell::Text, ""),
        ];
        columns.extend(GROUP);
        let mut table = Table::new("breakdowns", &columns);
        for breakdown in &self.breakdowns {
            for group in &breakdown.groups {
                let mut row =
                    vec![json!(breakdown.by.as_str()), json!(group.name), json!(group.key)];
                row.extend(group_cells(group));
                table.rows.push(row);
            }
        }
        table
    }

    fn recurrence(&self) -> Table {
        let columns = [
            ("name", "Harmed", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
            ("count", "Incidents", Cell::Count, ""),
            ("returned", "Within 30 days of the last", Cell::Count, ""),
            ("share", "Share", Cell::Number, "1"),
            ("days_between", "Median days between", Cell::Number, "d"),
        ];
        let mut table = Table::new("recurrence", &columns);
        for one in &self.recurrence {
            table.rows.push(vec![
                json!(one.name),
                json!(one.id),
                json!(one.count),
                json!(one.returned),
                json!(one.share),
                json!(one.days_between),
            ]);
        }
        table
    }
}

fn duration_rows(name: &str, one: &IncidentDuration) -> Vec<Vec<Value>> {
    let row = |figure: &str, value: &IncidentFigure| {
        let interval = value.interval.unwrap_or([None, None]);
        vec![
            json!(name),
            json!(figure),
            json!(value.low),
            json!(value.high),
            json!(interval[0]),
            json!(interval[1]),
            json!(value.n),
            json!(one.n_without),
            json!(value.reason),
        ]
    };
    vec![
        row("mean", &one.mean),
        row("median", &one.median),
        row("p90", &one.p90),
        row("median with open ones", &one.median_with_open),
    ]
}

/// Incidents as a table.
pub(super) fn incident_table(name: &str, incidents: &[IncidentRow]) -> Table {
    let columns = [
        ("id", "Incident", Cell::Text, ""),
        ("began_at", "Began", Cell::Instant, ""),
        ("title", "Title", Cell::Text, ""),
        ("severity", "Severity", Cell::Text, ""),
        ("status", "Status", Cell::Text, ""),
        ("harmed", "Harmed", Cell::Text, ""),
        ("teams", "Teams", Cell::Text, ""),
        ("resolved_at", "Resolved", Cell::Instant, ""),
        ("resolved_at_latest", "At the latest", Cell::Instant, ""),
        ("lasted_low", "Lasted, at least", Cell::Number, "s"),
        ("lasted_high", "Lasted, at most", Cell::Number, "s"),
        ("source", "Source", Cell::Text, ""),
    ];
    let mut table = Table::new(name, &columns);
    for one in incidents {
        let names: Vec<&str> = one.harmed.iter().map(|one| one.name.as_str()).collect();
        let lasted = one.lasted_seconds;
        table.rows.push(vec![
            json!(one.id),
            json!(one.began_at),
            json!(one.title),
            json!(one.severity),
            json!(one.status),
            json!(names.join(", ")),
            json!(one.teams.join(", ")),
            json!(one.resolved_at),
            json!(one.resolved_at_latest),
            json!(lasted.map(|lasted| lasted[0])),
            json!(lasted.map(|lasted| lasted[1])),
            json!(one.source),
        ]);
    }
    table
}
