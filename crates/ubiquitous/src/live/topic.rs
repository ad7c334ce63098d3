//! One distinct subscribed answer: when it is asked again, and who is told. It is asked through the
//! normal answer path, so cache, org scope, jobs and the last good answer are those of its route.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use analysis::{Answered, AnyQuestion, AskError, Viewer};
use jiff::Timestamp;
use model::Micros;
use model::envelope::AnswerSource;
use model::scope::OrgScope;
use model::seam::DataKind;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::pace::{Pace, is_measured};
use super::patch;
use super::protocol::Shared;
use crate::estate::Estate;
use crate::estate::job::{JOB_SECS_MAX, Reply};
use crate::problem::Problem;

/// How long a first answer of whole-graph work is waited for before that of earlier is sent.
const WAIT: Duration = Duration::from_secs(2);
/// A report has no step of its own; what is measured all the time renews it once in this time.
const REPORT_STEP: i64 = Micros::MINUTE;

/// What is asked, for whom.
pub struct Asked {
    /// The question or report.
    pub question: &'static dyn AnyQuestion,
    /// Whether it is a report.
    pub is_report: bool,
    /// Parameters as they were given.
    pub params: Value,
    /// Who asks.
    pub viewer: Viewer,
}

/// A newer answer, written once for all clients.
#[derive(Debug)]
pub struct Update {
    /// Equal while the answer is.
    pub version: Arc<str>,
    /// The answer, whole.
    pub whole: Arc<Shared>,
    /// What turns the one before into it, with the version of that.
    pub patch: Option<(Arc<str>, Arc<Shared>)>,
}

#[derive(Default)]
struct State {
    pace: Pace,
    is_asking: bool,
    answered: Option<Arc<Answered>>,
    problem: Option<Problem>,
    subscribers: BTreeMap<(u64, Arc<str>), Arc<Client>>,
}

/// A distinct answer with its subscribers.
pub struct Topic {
    asked: Option<Asked>,
    state: Mutex<State>,
    /// Locked by itself and for a moment only: clients ask for it while they are locked.
    latest: Mutex<Option<Arc<Update>>>,
    changed: Notify,
    /// Ends the task.
    pub stop: CancellationToken,
}

impl Topic {
    /// One without subscribers.
    pub fn new(asked: Asked) -> Self {
        let step = asked.question.step().or(asked.is_report.then_some(REPORT_STEP));
        let pace = Pace { step, is_wanted: true, ..Pace::default() };
        Self {
            asked: Some(asked),
            state: Mutex::new(State { pace, ..State::default() }),
            latest: Mutex::default(),
            changed: Notify::new(),
            stop: CancellationToken::new(),
        }
    }

    /// The newest answer.
    pub fn latest(&self) -> Option<Arc<Update>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a subscription and gives it the answer: now where it is at hand, else as soon as it is.
    pub fn join(&self, client: &Arc<Client>, id: &Arc<str>) {
        let mut state = self.lock();
        state.subscribers.insert((client.number, Arc::clone(id)), Arc::clone(client));
        if state.is_asking {
            return;
        }
        match (self.latest(), state.pace.is_fresh(now())) {
            (Some(latest), true) => client.offer(id, &latest),
            _ => {
                state.pace.is_wanted = true;
                drop(state);
                self.changed.notify_one();
            }
        }
    }

    /// Ends a subscription; whether none is left.
    pub fn leave(&self, client: &Client, id: &Arc<str>) -> bool {
        let mut state = self.lock();
        state.subscribers.remove(&(client.number, Arc::clone(id)));
        state.subscribers.is_empty()
    }

    /// Kinds of data were written; none stands for all.
    pub fn change(&self, kinds: Option<&[DataKind]>) {
        let Some(asked) = &self.asked else { return };
        let reads = |kind: &DataKind| {
            let all = asked.question.reads();
            // A report reads what its questions read. Users' rules are part of the topology.
            all.is_empty()
                || all.contains(kind)
                || *kind == DataKind::Decisions && all.contains(&DataKind::Topology)
        };
        let (mut at_once, mut measured) = (kinds.is_none(), false);
        // The ledger alone changes no answer.
        let kinds = kinds.unwrap_or_default().iter().filter(|kind| **kind != DataKind::Intake);
        for kind in kinds.filter(|kind| reads(kind)) {
            match is_measured(*kind) {
                true => measured = true,
                false => at_once = true,
            }
        }
        if !at_once && !measured {
            return;
        }
        let (mut state, now) = (self.lock(), now());
        if measured {
            state.pace.change(true, now);
        }
        if at_once {
            state.pace.change(false, now);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Asks whenever it is due, until it is stopped. `turns` bounds how many answers are asked at once.
    pub async fn run(self: Arc<Self>, estate: Arc<Estate>, turns: Arc<Semaphore>) {
        loop {
            let due = self.lock().pace.due();
            let pause = due.map(|due| Duration::from_micros((due - now()).max(0).unsigned_abs()));
            match pause {
                Some(Duration::ZERO) => {}
                pause => {
                    let wait = async {
                        match pause {
                            Some(pause) => tokio::time::sleep(pause).await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        () = self.stop.cancelled() => return,
                        () = self.changed.notified() => continue,
                        () = wait => {}
                    }
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.renew(&estate, &turns) => {}
            }
        }
    }

    async fn renew(&self, estate: &Estate, turns: &Semaphore) {
        let Some(asked) = &self.asked else { return };
        let begun = now();
        {
            let mut state = self.lock();
            state.pace.begin(begun);
            state.is_asking = true;
        }
        let mut result = ask(asked, estate, turns, WAIT).await;
        if let Ok(answered) = &result
            && asked.question.is_whole()
            && answered.envelope.source == AnswerSource::Cached
        {
            // That of earlier first; the one of now when it is there.
            self.publish(Arc::clone(answered)).await;
            result = ask(asked, estate, turns, Duration::from_secs(JOB_SECS_MAX)).await;
        }
        let is_ailing = match &result {
            Ok(answered) => {
                let source = answered.envelope.source;
                matches!(source, AnswerSource::Stale | AnswerSource::Cached)
            }
            Err(error) => matches!(error, AskError::Store(_)),
        };
        match result {
            Ok(answered) => self.publish(answered).await,
            Err(error) => self.regret(error.into()),
        }
        let mut state = self.lock();
        state.is_asking = false;
        state.pace.is_ailing = is_ailing;
        state.pace.took = now() - begun;
    }

    /// Tells all subscribers.
    async fn publish(&self, answered: Arc<Answered>) {
        let before = self.lock().answered.clone();
        let latest = match self.latest() {
            Some(latest) if *latest.version == *answered.key => latest,
            _ => Arc::new(update(before, &answered).await),
        };
        let mut state = self.lock();
        state.problem = None;
        state.answered = Some(answered);
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&latest));
        for ((_, id), client) in &state.subscribers {
            client.offer(id, &latest);
        }
    }

    /// Says why there is no answer, once while the reason stays the same.
    fn regret(&self, problem: Problem) {
        let mut state = self.lock();
        let is_known = state
            .problem
            .as_ref()
            .is_some_and(|known| known.kind == problem.kind && known.store == problem.store);
        for ((_, id), client) in &state.subscribers {
            client.regret(id, &problem, is_known);
        }
        state.problem = Some(problem);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub fn for_test() -> Self {
        Self {
            asked: None,
            state: Mutex::default(),
            latest: Mutex::default(),
            changed: Notify::new(),
            stop: CancellationToken::new(),
        }
    }

    #[cfg(test)]
    pub fn set_for_test(&self, update: &Arc<Update>) {
        *self.latest.lock().unwrap() = Some(Arc::clone(update));
    }
}

/// The newer answer, with a patch of the one before where that is shorter.
async fn update(before: Option<Arc<Answered>>, answered: &Arc<Answered>) -> Update {
    let version: Arc<str> = answered.key.as_str().into();
    let whole = Arc::new(Shared::answer(&version, &answered.json));
    let Some(before) = before else { return Update { version, whole, patch: None } };
    let after = Arc::clone(answered);
    let work = move || {
        let text = patch::between(&before.json, &after.json)?;
        let from: Arc<str> = before.key.as_str().into();
        Some((Arc::clone(&from), Arc::new(Shared::patch(&after.key, &from, &text))))
    };
    let patch = tokio::task::spawn_blocking(work).await.unwrap_or_default();
    Update { version, whole, patch }
}

/// The answer as its route gives it, or that of earlier after `wait`.
async fn ask(
    asked: &Asked,
    estate: &Estate,
    turns: &Semaphore,
    wait: Duration,
) -> Result<Arc<Answered>, AskError> {
    let cancel = CancellationToken::new();
    let params = asked.params.clone();
    if asked.question.is_whole() {
        // Jobs have a queue of their own, and go on when nobody waits any more.
        let ctx = estate.ask_context(asked.viewer.clone(), cancel);
        return match estate.jobs().answer(asked.question, params, wait, &ctx).await? {
            Reply::Answer(answered) => Ok(answered),
            Reply::Job(job) => finished(estate, job.id, &asked.viewer.org_scope).await,
        };
    }
    let _turn = turns.acquire().await;
    // When the last subscriber leaves, this future is dropped, and the guard stops the statements.
    let _guard = cancel.clone().drop_guard();
    let ctx = estate.ask_context(asked.viewer.clone(), cancel);
    if asked.is_report {
        return analysis::report(asked.question, estate.report_params(params), &ctx).await;
    }
    analysis::answer_shared(asked.question, params, &ctx).await
}

async fn finished(estate: &Estate, job: u64, scope: &OrgScope) -> Result<Arc<Answered>, AskError> {
    loop {
        let wait = Duration::from_secs(JOB_SECS_MAX);
        if let Reply::Answer(answered) = estate.jobs().result(job, wait, scope).await? {
            return Ok(answered);
        }
    }
}

/// Microseconds now.
fn now() -> i64 {
    Micros::of(Timestamp::now()).0
}
