//! Writes the whole estate below one folder and says in which order to ingest it.

use std::path::Path;

use crate::behaviour::Behaviour;
use crate::clock::{DAY, day_start, rfc3339};
use crate::estate::Estate;
use crate::files::Files;
use crate::options::Options;
use crate::outcome::{InputPlan, InputStep, ScenarioError, Written};
use crate::{aws, cost, kubernetes, metrics, organisation, own, telemetry};

/// Writes the estate below `dir`, which is made if it does not exist. Equal options write equal
/// bytes.
///
/// # Errors
/// When a file cannot be written. What was written before stays.
pub fn write(dir: &Path, options: &Options) -> Result<Written, ScenarioError> {
    let estate = Estate::new(options);
    let mut files = Files::new(dir, estate.until)?;
    for cluster in &estate.clusters {
        aws::write(&mut files, &estate, cluster)?;
        kubernetes::write(&mut files, &estate, cluster)?;
        kubernetes::write_earlier(&mut files, &estate, cluster, earlier(&estate))?;
    }
    let mut plan = plan(&estate);
    plan.steps.insert(0, organisation::write(&mut files, &estate)?);
    for cluster in &estate.clusters {
        let behaviour = Behaviour::new(&estate, cluster.env, estate.until);
        plan.steps.push(metrics::write(&mut files, &estate, cluster, &behaviour, options)?);
        plan.steps.push(metrics::write_cloudwatch(&mut files, &estate, cluster, &behaviour)?);
        plan.steps.extend(telemetry::write(&mut files, &estate, cluster, &behaviour, options)?);
    }
    plan.steps.push(own::write(&mut files, &estate)?);
    plan.steps.extend(cost::write(&mut files, &estate)?);
    Ok(Written { files: files.finish(), plan })
}

/// Instant of the older export of the Deployments.
fn earlier(estate: &Estate) -> i64 {
    (day_start(estate.until) - 30 * DAY).max(estate.from)
}

fn plan(estate: &Estate) -> InputPlan {
    let mut steps = Vec::new();
    let observed_at = Some(rfc3339(estate.until));
    for cluster in &estate.clusters {
        steps.push(InputStep {
            path: format!("aws/{}/{}", cluster.env.account.id, cluster.env.region),
            environment: Some(cluster.env.name.to_owned()),
            observed_at: observed_at.clone(),
            ..InputStep::default()
        });
    }
    for cluster in &estate.clusters {
        for (folder, at) in [("earlier", earlier(estate)), ("kubernetes", estate.until)] {
            steps.push(InputStep {
                path: format!("{folder}/{}", cluster.env.cluster),
                cluster: Some(cluster.env.cluster.to_owned()),
                environment: Some(cluster.env.name.to_owned()),
                observed_at: Some(rfc3339(at)),
                ..InputStep::default()
            });
        }
    }
    InputPlan { steps }
}
