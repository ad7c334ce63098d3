//! What is weak, how long, how exposed, and whether it is mended in time? One read of the scans and of
//! what is said about weaknesses, the life of every finding from them, and the estate for owners and
//! exposure. Cost: that of the reads, and O(items · log items).

mod exposure;
mod fetch;
mod group;
mod item;
mod judge;
mod open;
mod params;
mod place;
mod record;
mod remedy;
mod shape;
mod summary;
mod table;
mod trend;

use async_trait::async_trait;
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};

pub(crate) use open::{OpenFinding, counted, open_findings};

pub use open::OpenFindingCount;
pub use params::{SecurityEventsParams, SecurityGrouping, SecurityStep};
pub use shape::{
    ExploitLikelihoodFact, ExposureStep, FindingExposure, FindingExposureVerdict, FindingSeverity,
    FindingState, FindingSuppression, KnownExploitedFact, RemediationTarget, RemediationTime,
    ScanState, SecurityEventsAnswer, SecurityFinding, SecurityGroup, SecurityIncident,
    SecurityLists, SecurityPeriod, SecuritySummary, SeverityCounts, SuppressedFinding,
};

/// The question.
#[derive(Debug)]
pub struct SecurityEventsQuestion;

#[async_trait]
impl Question for SecurityEventsQuestion {
    const NAME: &'static str = "security_events";
    const TITLE: &'static str = "Security";
    const ABOUT: &'static str = "Findings by severity, age, fix, known exploits and exposure, whose \
                                 they are, and whether they are mended in time.";
    const READS: &'static [DataKind] =
        &[DataKind::Topology, DataKind::Findings, DataKind::Incidents, DataKind::Decisions];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = SecurityEventsParams;
    type Answer = SecurityEventsAnswer;

    fn fill(params: &mut SecurityEventsParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: SecurityEventsParams,
        _: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<SecurityEventsAnswer>, AskError> {
        let facts = fetch::facts(&params, ctx).await?;
        judge::judged(&params, &facts)
    }
}
