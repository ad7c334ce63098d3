//! Measured values of each environment as OpenMetrics text with timestamps.

mod cloudwatch;
mod exposition;
mod infrastructure;
mod managed;
mod noise;
mod requests;
mod times;

use std::io::{self, Write};

use crate::behaviour::Behaviour;
use crate::estate::{Cluster, Estate};
use crate::files::Files;
use crate::options::Options;
use crate::outcome::{InputStep, ScenarioError};

pub use cloudwatch::write as write_cloudwatch;
pub use requests::{RESET_SERVICE, observed_calls};
pub use times::Times;

/// A group of families that goes into one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Requests and calls.
    Requests,
    /// Workloads, pods and nodes.
    Infrastructure,
    /// Databases, caches and queues.
    Managed,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 3] = [Group::Requests, Group::Infrastructure, Group::Managed];

    fn stem(self) -> &'static str {
        match self {
            Group::Requests => "requests",
            Group::Infrastructure => "kubernetes",
            Group::Managed => "managed",
        }
    }
}

/// Instant at which the counters of [`RESET_SERVICE`] start anew.
pub fn reset_at(estate: &Estate) -> i64 {
    estate.clusters[0]
        .workloads
        .iter()
        .find(|w| w.name == RESET_SERVICE)
        .map_or(estate.until, |w| w.release().at)
}

/// Writes one group of one environment and gives the number of samples.
pub fn expose(
    out: &mut dyn Write,
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    (group, times, all_long): (Group, &Times, bool),
) -> io::Result<u64> {
    let mut text = exposition::Exposition::new(out);
    match group {
        Group::Requests => {
            requests::server(&mut text, behaviour, times, all_long, reset_at(estate))?;
            requests::service_graph(&mut text, behaviour, times)?;
        }
        Group::Infrastructure => {
            infrastructure::deployments(&mut text, cluster, behaviour, times)?;
            infrastructure::pod_resources(&mut text, estate, cluster, behaviour, times)?;
            infrastructure::pod_states(&mut text, estate, cluster, times)?;
            infrastructure::nodes(&mut text, estate, cluster, times)?;
        }
        Group::Managed => {
            managed::databases(&mut text, estate, cluster, times)?;
            managed::caches(&mut text, estate, cluster, times)?;
            managed::queues(&mut text, estate, cluster, times)?;
            managed::postgres(&mut text, estate, cluster, times)?;
        }
    }
    text.finish()
}

/// Writes the files of one environment.
pub fn write(
    files: &mut Files,
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    options: &Options,
) -> Result<InputStep, ScenarioError> {
    let env = cluster.env;
    let times = Times::history(&options.size, estate.from, estate.until);
    let folder = format!("metrics/{}", env.name);
    for group in Group::ALL {
        files.stream(&format!("{folder}/{}.om", group.stem()), |out| {
            let how = (group, &times, options.size.all_services_long);
            expose(out, estate, cluster, behaviour, how).map(|_| ())
        })?;
    }
    Ok(InputStep {
        path: folder,
        cluster: Some(env.cluster.to_owned()),
        environment: Some(env.name.to_owned()),
        account: Some(env.account.id.to_owned()),
        region: Some(env.region.to_owned()),
        ..InputStep::default()
    })
}
