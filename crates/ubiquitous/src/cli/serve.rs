//! `ubiquitous serve`: opens the store and serves dashboard and API until asked to stop.

use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::configuration::Configuration;
use crate::estate::{self, Estate};
use crate::exit::{Exit, Failure};
use crate::http::{self, Shared};
use crate::live::Hub;
use crate::output;
use crate::problem::Problem;

/// Options.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to serve on; loopback only [default: 127.0.0.1:7474]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<String>,
}

/// Runs the command.
pub fn run(configuration: &Configuration) -> Result<Exit, Failure> {
    super::runtime()?.block_on(async {
        let estate = Arc::new(Estate::open(configuration).await?);
        let server = Server::start(configuration, Arc::clone(&estate)).await?;
        output::say(&format!("ubiquitous serves http://{}", server.address));
        server.until_stopped(&CancellationToken::new()).await;
        estate.close().await;
        Ok(Exit::Done)
    })
}

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    live: Arc<Hub>,
}

impl Server {
    /// Binds, says in the folder where it listens, and serves.
    ///
    /// # Errors
    /// When the address is taken; the message says what to do.
    pub async fn start(
        configuration: &Configuration,
        estate: Arc<Estate>,
    ) -> Result<Self, Failure> {
        let wanted = configuration.bind();
        let refused = |error: std::io::Error| {
            let detail = format!(
                "{wanted}: {error}; give another address with --bind, such as \
                127.0.0.1:0 for any free port"
            );
            Failure::from(Problem::bad_request("bind", detail))
        };
        let listener = TcpListener::bind(wanted).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let token: Arc<str> = random_token()?.into();
        estate.announce(&address.to_string(), &token)?;
        let stop = CancellationToken::new();
        tokio::spawn(estate::validation::schedule(Arc::clone(&estate), stop.clone()));
        let clients_max = configuration.number("live_clients").unwrap_or(0) as usize;
        let live = Hub::start(Arc::clone(&estate), clients_max)?;
        let shared = Shared { estate, owner_token: token, live: Arc::clone(&live) };
        let task = tokio::spawn(http::serve(listener, shared, stop.clone()));
        Ok(Self { address, stop, task, live })
    }

    /// Serves until Ctrl-C or SIGTERM, and says so to `stopping`; requests that have begun are
    /// finished.
    pub async fn until_stopped(self, stopping: &CancellationToken) {
        stop_signal().await;
        stopping.cancel();
        self.stop.cancel();
        self.live.close().await;
        // A second signal does not wait for slow clients.
        tokio::select! {
            outcome = self.task => if let Ok(Err(error)) = outcome {
                tracing::error!(%error, "the server failed");
            },
            () = stop_signal() => {}
            () = tokio::time::sleep(std::time::Duration::from_secs(10)) => {}
        }
    }
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}

fn random_token() -> Result<String, Failure> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::from(Problem::bad_request("random", format!("no random numbers: {error}")))
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
