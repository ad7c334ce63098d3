//! `ubiquitous serve`: opens the store and serves dashboard and API until asked to stop.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::configuration::Configuration;
use crate::estate::{self, Estate};
use crate::exit::{Exit, Failure};
use crate::http::{self, Shared};
use crate::live::Hub;
use crate::output;
use crate::people::change::is_head;
use crate::problem::Problem;

/// Time between two looks for sessions that ended.
const SESSIONS_TIME: Duration = Duration::from_secs(60);

/// Options.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to serve on; beyond loopback once an admin exists [default: 127.0.0.1:7474]
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
        if let Err(error) = estate.workload_keep().await {
            tracing::warn!(%error, "the recorded workload was not kept");
        }
        estate.close().await;
        Ok(Exit::Done)
    })
}

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    owner_token: Arc<str>,
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
        let is_beyond_loopback = !wanted.ip().is_loopback();
        if is_beyond_loopback && !estate.people().book().await?.accounts().any(is_head) {
            let detail = format!(
                "bind is `{wanted}`: an address beyond loopback needs accounts; make an admin first: \
                 ubiquitous account add NAME --role admin"
            );
            return Err(Problem::bad_request("bind", detail).into());
        }
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
        tokio::spawn(estate::optimization::schedule(Arc::clone(&estate), stop.clone()));
        let clients_max = configuration.number("live_clients").unwrap_or(0) as usize;
        let live = Hub::start(Arc::clone(&estate), clients_max)?;
        tokio::spawn(forget_sessions(Arc::clone(&estate), stop.clone()));
        let origins = configuration.origins().into();
        let owner_token = Arc::clone(&token);
        let shared = Shared {
            estate,
            owner_token: token,
            is_beyond_loopback,
            origins,
            live: Arc::clone(&live),
        };
        let task = tokio::spawn(http::serve(listener, shared, stop.clone()));
        Ok(Self { address, owner_token, stop, task, live })
    }

    /// How a part of the same program reaches it.
    pub fn owner(&self) -> store_embedded::Owner {
        store_embedded::Owner {
            address: self.address.to_string(),
            token: self.owner_token.to_string(),
        }
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
            () = tokio::time::sleep(Duration::from_secs(10)) => {}
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

/// Forgets sessions that ended, from time to time.
async fn forget_sessions(estate: Arc<Estate>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SESSIONS_TIME) => estate.people().expire().await,
        }
    }
}

fn random_token() -> Result<String, Failure> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::from(Problem::bad_request("random", format!("no random numbers: {error}")))
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
