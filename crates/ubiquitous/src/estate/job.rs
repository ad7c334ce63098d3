//! Runs whole-graph work in the background: one job at a time, one for all who ask the same, kept results.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use analysis::{
    AnswerCache, Answered, AnyQuestion, AskContext, AskError, JobKey, JobStart, Progress,
};
use jiff::Timestamp;
use model::StoreError;
use model::scope::OrgScope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::problem::Problem;

/// Longest time of one job.
pub const JOB_SECS_MAX: u64 = 600;
/// Jobs that may wait for their turn; what comes then is refused.
const QUEUED_MAX: usize = 32;
/// Jobs that are listed after their end.
const ENDED_MAX: usize = 100;
/// Ended jobs of which the answer is kept at its address, for those who were told to fetch it there.
const FETCHED_MAX: usize = 16;
/// Memory for answers that stand in while newer ones are worked out.
const RESULT_BYTES_MAX: u64 = 256 << 20;

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits until those before it are done.
    Queued,
    /// It is at work.
    Running,
    /// Its answer is there.
    Done,
    /// There is no answer; `problem` says why.
    Failed,
    /// Someone stopped it.
    Stopped,
}

/// One job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Running number since the start of the program.
    pub id: u64,
    /// The question with its view.
    pub question: String,
    /// Parameters as they were given.
    pub params: Value,
    /// How it stands.
    pub state: JobState,
    /// What is being done; empty unless it runs.
    pub stage: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it began; null while it waits.
    pub started_at: Option<Timestamp>,
    /// When it ended; null before.
    pub ended_at: Option<Timestamp>,
    /// Seconds at work so far.
    pub elapsed_seconds: f64,
    /// Where the answer is, or will be.
    pub result: String,
    /// Why there is no answer.
    pub problem: Option<Problem>,
}

type Outcome = Option<Result<Arc<Answered>, AskError>>;

/// An answer, or the job that works it out.
#[derive(Debug)]
pub enum Reply {
    /// The answer: of now, or of earlier and marked so.
    Answer(Arc<Answered>),
    /// Still at work.
    Job(Box<Job>),
}

struct Entry {
    job: Job,
    /// What whoever asked may see: nobody else who sees a part only knows of the job.
    scope: OrgScope,
    key: String,
    progress: Arc<Progress>,
    cancel: CancellationToken,
    /// Until it ends; after that only where someone was told to fetch the answer.
    outcome: Option<watch::Receiver<Outcome>>,
    is_told: bool,
}

#[derive(Default)]
struct Board {
    last: u64,
    entries: VecDeque<Entry>,
}

/// All jobs of this process.
pub struct Jobs {
    board: Arc<Mutex<Board>>,
    turn: Arc<Semaphore>,
    results: Arc<AnswerCache>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            board: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
            results: Arc::new(AnswerCache::new(RESULT_BYTES_MAX)),
        }
    }
}

impl Jobs {
    /// The answer, where it is at hand or there within `wait`; else that of earlier where it may stand
    /// in; else the job. The job goes on whether or not anybody waits.
    ///
    /// # Errors
    /// As the question; `Exhausted` when too many jobs wait.
    pub async fn answer(
        &self,
        question: &'static dyn AnyQuestion,
        params: Value,
        wait: Duration,
        ctx: &AskContext,
    ) -> Result<Reply, AskError> {
        let key = match analysis::job_key(question, params.clone(), ctx).await? {
            JobStart::Key(key) => key,
            JobStart::Earlier(answered) => return Ok(Reply::Answer(answered)),
        };
        if let Some(answered) = analysis::at_hand(&key, ctx).await {
            return Ok(Reply::Answer(answered));
        }
        let (id, mut outcome) = self.begin(question, params, &key, ctx)?;
        if let Some(result) = until(&mut outcome, wait).await {
            return result.map(Reply::Answer);
        }
        let held = self.results.find(&key.lasting).await;
        if let Some(answered) = analysis::earlier(question, &key, held, ctx).await {
            return Ok(Reply::Answer(answered));
        }
        self.told(id, outcome)
    }

    /// Keeps the answer at the job's address, since someone will fetch it there.
    fn told(&self, id: u64, outcome: watch::Receiver<Outcome>) -> Result<Reply, AskError> {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = board.entries.iter_mut().find(|entry| entry.job.id == id);
        let entry = entry.ok_or_else(|| unknown(id))?;
        entry.is_told = true;
        entry.outcome = Some(outcome);
        Ok(Reply::Job(Box::new(shown(entry))))
    }

    /// The answer of a job, waited for.
    ///
    /// # Errors
    /// As the question; `NotFound` when there is no such job, or its answer is not kept any more.
    pub async fn result(
        &self,
        id: u64,
        wait: Duration,
        scope: &OrgScope,
    ) -> Result<Reply, AskError> {
        let mut outcome = {
            let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = board.entries.iter().find(|entry| is_known(entry, id, scope));
            entry.and_then(|entry| entry.outcome.clone()).ok_or_else(|| unknown(id))?
        };
        match until(&mut outcome, wait).await {
            Some(result) => result.map(Reply::Answer),
            None => {
                self.job(id, scope).map(|job| Reply::Job(Box::new(job))).ok_or_else(|| unknown(id))
            }
        }
    }

    /// The jobs that a viewer may know of, newest first.
    pub fn list(&self, scope: &OrgScope) -> Vec<Job> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let known = board.entries.iter().rev().filter(|entry| is_of(entry, scope));
        known.map(shown).collect()
    }

    /// One job, where the viewer may know of it.
    pub fn job(&self, id: u64, scope: &OrgScope) -> Option<Job> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.entries.iter().find(|entry| is_known(entry, id, scope)).map(shown)
    }

    /// Stops a job that has not ended; gives it as it then stands.
    pub fn stop(&self, id: u64) -> Option<Job> {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = board.entries.iter_mut().find(|entry| entry.job.id == id)?;
        if entry.job.ended_at.is_none() {
            entry.cancel.cancel();
            entry.job.state = JobState::Stopped;
            entry.job.ended_at = Some(Timestamp::now());
        }
        Some(shown(entry))
    }

    /// Joins the job of the same work, or begins it.
    fn begin(
        &self,
        question: &'static dyn AnyQuestion,
        params: Value,
        key: &JobKey,
        ctx: &AskContext,
    ) -> Result<(u64, watch::Receiver<Outcome>), AskError> {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || board.entries.iter().filter(|entry| entry.job.ended_at.is_none());
        let same = open().filter(|entry| entry.key == key.work);
        let mut same = same.filter_map(|entry| Some((entry.job.id, entry.outcome.clone()?)));
        if let Some(same) = same.next() {
            return Ok(same);
        }
        if open().count() > QUEUED_MAX {
            let (store, resource) = ("jobs".to_owned(), "places in the queue".to_owned());
            let limit = QUEUED_MAX.to_string();
            return Err(StoreError::Exhausted { store, resource, limit }.into());
        }
        board.last += 1;
        let id = board.last;
        let (sender, outcome) = watch::channel(None);
        let (progress, cancel) = (Arc::<Progress>::default(), CancellationToken::new());
        let job = Job {
            id,
            question: question.name().to_owned(),
            params: params.clone(),
            state: JobState::Queued,
            stage: String::new(),
            asked_at: Timestamp::now(),
            started_at: None,
            ended_at: None,
            elapsed_seconds: 0.0,
            result: format!("/api/v1/jobs/{id}/result"),
            problem: None,
        };
        board.entries.push_back(Entry {
            job,
            scope: ctx.viewer.org_scope.clone(),
            key: key.work.clone(),
            progress: Arc::clone(&progress),
            cancel: cancel.clone(),
            outcome: Some(outcome.clone()),
            is_told: false,
        });
        forget_oldest(&mut board);
        drop(board);
        let ctx = AskContext { progress, cancel, ..ctx.clone() };
        let runner = Runner {
            board: Arc::clone(&self.board),
            turn: Arc::clone(&self.turn),
            results: Arc::clone(&self.results),
            id,
            lasting: key.lasting.clone(),
        };
        tokio::spawn(async move {
            let result = runner.run(question, params, ctx).await;
            // Nobody need wait for it.
            let _unheard = sender.send(Some(result));
        });
        Ok((id, outcome))
    }
}

/// What one job needs to run by itself.
struct Runner {
    board: Arc<Mutex<Board>>,
    turn: Arc<Semaphore>,
    results: Arc<AnswerCache>,
    id: u64,
    lasting: String,
}

impl Runner {
    async fn run(
        &self,
        question: &'static dyn AnyQuestion,
        params: Value,
        mut ctx: AskContext,
    ) -> Result<Arc<Answered>, AskError> {
        let cancelled = ctx.cancel.clone();
        let turn = tokio::select! {
            biased;
            () = cancelled.cancelled() => None,
            turn = self.turn.acquire() => turn.ok(),
        };
        let result = match turn {
            None => Err(StoreError::Cancelled.into()),
            Some(_turn) => {
                self.note(|entry| {
                    entry.job.state = JobState::Running;
                    entry.job.started_at = Some(Timestamp::now());
                });
                ctx.deadline = Instant::now() + Duration::from_secs(JOB_SECS_MAX);
                analysis::answer_shared(question, params, &ctx).await
            }
        };
        if let Ok(answered) = &result {
            self.results.keep(&self.lasting, Arc::clone(answered)).await;
        }
        self.note(|entry| {
            entry.job.ended_at = Some(Timestamp::now());
            entry.job.state = if result.is_ok() { JobState::Done } else { JobState::Failed };
            entry.job.problem = result.as_ref().err().map(|error| error.clone().into());
            if !entry.is_told {
                entry.outcome = None;
            }
        });
        result
    }

    /// Changes the job's entry, unless someone stopped it.
    fn note(&self, change: impl FnOnce(&mut Entry)) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = board.entries.iter_mut().find(|entry| entry.job.id == self.id);
        if let Some(entry) = entry.filter(|entry| entry.job.state != JobState::Stopped) {
            change(entry);
        }
    }
}

/// The outcome, if it is there within `wait`.
async fn until(
    outcome: &mut watch::Receiver<Outcome>,
    wait: Duration,
) -> Option<Result<Arc<Answered>, AskError>> {
    let there = tokio::time::timeout(wait, outcome.wait_for(Option::is_some)).await.ok()?;
    match there {
        Ok(outcome) => outcome.clone(),
        // The process is ending.
        Err(_gone) => Some(Err(StoreError::Cancelled.into())),
    }
}

/// Whether a viewer may know of a job: of one's own part of the organisation, or of all of it.
fn is_of(entry: &Entry, scope: &OrgScope) -> bool {
    *scope == OrgScope::Everything || entry.scope == *scope
}

fn is_known(entry: &Entry, id: u64, scope: &OrgScope) -> bool {
    entry.job.id == id && is_of(entry, scope)
}

fn shown(entry: &Entry) -> Job {
    let mut job = entry.job.clone();
    if job.state == JobState::Running {
        job.stage = entry.progress.stage();
    }
    if let Some(started) = job.started_at {
        let end = job.ended_at.unwrap_or_else(Timestamp::now);
        job.elapsed_seconds = end.duration_since(started).as_secs_f64().max(0.0);
    }
    job
}

/// Keeps the lines of ended jobs, and the answers at their addresses, within their bounds.
fn forget_oldest(board: &mut Board) {
    let (mut ended, mut kept) = (0, 0);
    for place in (0..board.entries.len()).rev() {
        let entry = &mut board.entries[place];
        if entry.job.ended_at.is_none() {
            continue;
        }
        ended += 1;
        if ended > ENDED_MAX {
            board.entries.remove(place);
            continue;
        }
        kept += usize::from(entry.outcome.is_some());
        if kept > FETCHED_MAX {
            entry.outcome = None;
        }
    }
}

fn unknown(id: u64) -> AskError {
    AskError::NotFound { what: format!("job {id}, or its answer"), nearest: Vec::new() }
}
