//! How one answer came about: what was read of which store, how many rows that gave, when and for how
//! long, and what was left for judging. Both seams are handed to the question with a clock around each
//! read. Such an answer is always worked out anew: neither cache nor an earlier answer stands in.

mod telemetry;
mod topology;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::error::StoreResult;
use model::fact::{
    EntityPage, EstateFacts, RollupFact, SchemaReport, TopologyComparison, TopologyFacts, TraceIds,
};
use model::scope::OrgScope;
use model::seam::Version;
use model::table::{Cell, Table};
use serde_json::{Value, json};

use crate::answer::milliseconds;
use crate::ask::{AskContext, AskError};

/// Name of the parameter, which every question takes and none sees.
pub const EXPLAIN: &str = "explain";

/// One read of a store.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    store: &'static str,
    name: &'static str,
    rows: Option<u64>,
    began: Duration,
    took: Duration,
}

/// Everything that was read for one answer.
#[derive(Debug)]
pub(crate) struct Recorder {
    started: Instant,
    /// Whether the viewer sees a part only: of what crosses its border no count is told.
    is_scoped: bool,
    reads: Mutex<Vec<Read>>,
}

/// Reads that give what lies outside a viewer's part too, nameless.
const OF_THE_WHOLE: [&str; 8] = [
    "estate",
    "calls",
    "call_series",
    "root_series",
    "call_outcomes",
    "roots",
    "trace_ids",
    "traces",
];

impl Recorder {
    /// Runs a read and notes it, also when it fails.
    async fn timed<T: Counted>(
        &self,
        store: &'static str,
        name: &'static str,
        work: impl Future<Output = StoreResult<T>> + Send,
    ) -> StoreResult<T> {
        let began = self.started.elapsed();
        let done = work.await;
        let is_told = !(self.is_scoped && OF_THE_WHOLE.contains(&name));
        let rows = done.as_ref().ok().filter(|_| is_told).and_then(Counted::rows);
        let took = self.started.elapsed().saturating_sub(began);
        let read = Read { store, name, rows, began, took };
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).push(read);
        done
    }

    /// The reads in the order in which they began, then what no read was at work in, then everything.
    pub(crate) fn table(&self) -> Table {
        let whole = self.started.elapsed();
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reads.sort_by_key(|one| (one.began, one.store, one.name));
        table(&reads, whole)
    }
}

/// Takes the parameter from those of a question: `true` asks for an explanation.
///
/// # Errors
/// When it is neither `true` nor `false`.
pub(crate) fn take_explain(params: &mut Value) -> Result<bool, AskError> {
    let Some(given) = params.as_object_mut().and_then(|all| all.shift_remove(EXPLAIN)) else {
        return Ok(false);
    };
    match &given {
        Value::Bool(is_wanted) => Ok(*is_wanted),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(AskError::bad(EXPLAIN, "is true or false")),
    }
}

/// Whether parameters ask for an explanation.
pub fn is_explained(params: &Value) -> bool {
    let given = params.get(EXPLAIN);
    given.is_some_and(|one| one.as_bool() == Some(true) || one.as_str() == Some("true"))
}

/// The same conditions with a clock around each read, and without anything that spares reading.
pub(crate) fn recorded(ctx: &AskContext) -> (AskContext, Arc<Recorder>) {
    let recorder = Arc::new(Recorder {
        started: Instant::now(),
        is_scoped: ctx.viewer.org_scope != OrgScope::Everything,
        reads: Mutex::default(),
    });
    let recorded = AskContext {
        topology: Arc::new(topology::TimedTopology::new(&ctx.topology, &recorder)),
        telemetry: Arc::new(telemetry::TimedTelemetry::new(&ctx.telemetry, &recorder)),
        cache: None,
        last_good: None,
        ..ctx.clone()
    };
    (recorded, recorder)
}

fn table(reads: &[Read], whole: Duration) -> Table {
    let columns = [
        ("step", "Step", Cell::Text, ""),
        ("store", "Store", Cell::Text, ""),
        ("rows", "Rows", Cell::Count, "count"),
        ("began_ms", "Began, ms", Cell::Number, "ms"),
        ("took_ms", "Took, ms", Cell::Number, "ms"),
    ];
    let mut table = Table::new(EXPLAIN, &columns);
    for read in reads {
        let (began, took) = (milliseconds(read.began), milliseconds(read.took));
        let step = read.name.replace('_', " ");
        table.rows.push(vec![
            json!(step),
            json!(read.store),
            json!(read.rows),
            json!(began),
            json!(took),
        ]);
    }
    let idle = milliseconds(whole.saturating_sub(busy(reads)));
    table.rows.push(vec![json!("judging"), json!(null), json!(null), json!(null), json!(idle)]);
    let all = milliseconds(whole);
    table.rows.push(vec![json!("everything"), json!(null), json!(null), json!(0.0), json!(all)]);
    table
}

/// Time in which at least one read was at work; the reads are in order of their beginning.
fn busy(reads: &[Read]) -> Duration {
    let (mut sum, mut until) = (Duration::ZERO, Duration::ZERO);
    for read in reads {
        let end = read.began + read.took;
        sum += end.saturating_sub(read.began.max(until));
        until = until.max(end);
    }
    sum
}

/// What has rows.
trait Counted {
    /// How many; `None` for what is no list.
    fn rows(&self) -> Option<u64>;
}

impl<T> Counted for Vec<T> {
    fn rows(&self) -> Option<u64> {
        Some(self.len() as u64)
    }
}

impl<T> Counted for (Vec<T>, u64) {
    fn rows(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

impl<T: Counted> Counted for Option<T> {
    fn rows(&self) -> Option<u64> {
        self.as_ref().and_then(Counted::rows)
    }
}

impl Counted for Version {
    fn rows(&self) -> Option<u64> {
        None
    }
}

impl Counted for SchemaReport {
    fn rows(&self) -> Option<u64> {
        None
    }
}

impl Counted for RollupFact {
    fn rows(&self) -> Option<u64> {
        None
    }
}

impl Counted for EntityPage {
    fn rows(&self) -> Option<u64> {
        Some(1)
    }
}

impl Counted for TraceIds {
    fn rows(&self) -> Option<u64> {
        self.traces.rows()
    }
}

impl Counted for TopologyFacts {
    fn rows(&self) -> Option<u64> {
        let lists = [self.entities.len(), self.relations.len(), self.groups.len()];
        Some(lists.iter().sum::<usize>() as u64)
    }
}

impl Counted for EstateFacts {
    fn rows(&self) -> Option<u64> {
        Some((self.entities.len() + self.relations.len()) as u64)
    }
}

impl Counted for TopologyComparison {
    fn rows(&self) -> Option<u64> {
        let lists = [self.entities.len(), self.relations_added.len(), self.relations_removed.len()];
        Some(lists.iter().sum::<usize>() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, began: u64, took: u64) -> Read {
        let ms = Duration::from_millis;
        Read { store: "telemetry", name, rows: Some(3), began: ms(began), took: ms(took) }
    }

    /// Two reads at once from 10 to 40, one from 60 to 70: 40 of 100 ms, so 60 are left for judging.
    #[test]
    fn reads_at_once_count_once() {
        let reads =
            [read("signals", 10, 20), read("duration_series", 20, 20), read("bills", 60, 10)];
        let table = table(&reads, Duration::from_millis(100));
        let steps: Vec<&str> = table.rows.iter().filter_map(|row| row[0].as_str()).collect();
        assert_eq!(steps, ["signals", "duration series", "bills", "judging", "everything"]);
        assert_eq!(
            table.rows[0],
            [json!("signals"), json!("telemetry"), json!(3), json!(10.0), json!(20.0)]
        );
        assert_eq!(table.rows[3][4], json!(60.0));
        assert_eq!(table.rows[4][4], json!(100.0));
    }

    #[test]
    fn the_parameter_is_taken_out() {
        for (given, wanted) in [(json!(true), true), (json!("true"), true), (json!("false"), false)]
        {
            let mut params = json!({ "kind": ["pod"], "explain": given });
            assert_eq!(is_explained(&params), wanted);
            assert_eq!(take_explain(&mut params).unwrap(), wanted);
            assert_eq!(params, json!({ "kind": ["pod"] }));
        }
        assert!(take_explain(&mut json!({ "explain": "perhaps" })).is_err());
        assert!(!take_explain(&mut json!({})).unwrap());
    }
}
