//! `ubiquitous demo`: a believable company, served, and alive.

use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::serve::Server;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::exit::{Exit, Failure};
use crate::{demo, output};

/// Options.
#[derive(Debug, Args)]
pub struct Demo {
    /// Address to serve on; beyond loopback once an admin exists [default: 127.0.0.1:7474]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<String>,
    /// Everything that is drawn depends on it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stay as it is: send nothing after the history
    #[arg(long)]
    still: bool,
}

/// Runs the command.
pub fn run(
    options: &Demo,
    configuration: &Configuration,
    has_folder: bool,
) -> Result<Exit, Failure> {
    let begun = Instant::now();
    // Without --data-dir the demonstration has a folder of its own beside the real one.
    let beside;
    let configuration = if has_folder {
        configuration
    } else {
        beside = configuration.with_data_dir_beside("-demo");
        &beside
    };
    super::runtime()?.block_on(async {
        let estate = Arc::new(Estate::open(configuration).await?);
        let history = demo::prepare(&estate, options.seed).await?;
        let server = Server::start(configuration, Arc::clone(&estate)).await?;
        output::say(&format!(
            "ready after {:.0} s: http://{} (demonstration data in {})",
            begun.elapsed().as_secs_f64(),
            server.address,
            configuration.data_dir().display()
        ));
        let stop = CancellationToken::new();
        let emitting = (!options.still).then(|| {
            let (estate, stop) = (Arc::clone(&estate), stop.clone());
            let owner = server.owner();
            tokio::spawn(async move { demo::live(&estate, owner, history, stop).await })
        });
        let serving = server.until_stopped(&stop);
        serving.await;
        if let Some(emitting) = emitting {
            let _ = emitting.await;
        }
        estate.close().await;
        Ok(Exit::Done)
    })
}
