//! A TCP proxy between the program and a real server that does what networks do: delays, resets,
//! falls silent, cuts a connection after so many bytes, or is not there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Failed;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They pass.
    None,
    /// Each piece waits this long.
    Latency(Duration),
    /// Connections are reset, and new ones too.
    Reset,
    /// Nothing passes and nothing is closed.
    Blackhole,
    /// The answer of each connection ends after so many bytes.
    CutAfter(u64),
}

/// A running proxy; it ends when it is dropped.
pub struct FaultProxy {
    /// Where clients connect to.
    pub address: SocketAddr,
    fault: watch::Sender<Fault>,
    // Dropped last: its threads carry the connections.
    _runtime: tokio::runtime::Runtime,
}

impl FaultProxy {
    /// Starts one in front of `target`.
    pub fn start(target: &str) -> Result<Self, Failed> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (fault, faults) = watch::channel(Fault::None);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let target: Arc<str> = Arc::from(target);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, Arc::clone(&target), faults.clone()));
            }
        });
        Ok(Self { address, fault, _runtime: runtime })
    }

    /// From now on this happens, to open connections as well.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

/// Carries one connection until either side ends or a fault ends it.
async fn connection(client: TcpStream, target: Arc<str>, faults: watch::Receiver<Fault>) {
    if *faults.borrow() == Fault::Reset {
        return reset(&client);
    }
    let Ok(server) = TcpStream::connect(&*target).await else { return reset(&client) };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = carry(&mut from_client, &mut to_server, faults.clone(), false);
    let back = carry(&mut from_server, &mut to_client, faults.clone(), true);
    let mut faults = faults;
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = faults.wait_for(|fault| *fault == Fault::Reset) => {}
    }
    if let Ok(client) = from_client.reunite(to_client) {
        reset(&client);
    }
}

/// Passes bytes one way. `is_answer` is the way in which connections are cut.
async fn carry(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut faults: watch::Receiver<Fault>,
    is_answer: bool,
) {
    let mut buffer = vec![0; 16 << 10];
    let mut passed = 0;
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        let fault = *faults.borrow();
        let mut count = count;
        match fault {
            Fault::None | Fault::Reset => {}
            Fault::Latency(pause) => tokio::time::sleep(pause).await,
            Fault::Blackhole => {
                if faults.wait_for(|fault| *fault != Fault::Blackhole).await.is_err() {
                    return;
                }
            }
            Fault::CutAfter(bytes) if is_answer => {
                let room = usize::try_from(bytes.saturating_sub(passed)).unwrap_or(count);
                count = count.min(room);
            }
            Fault::CutAfter(_) => {}
        }
        let is_cut = matches!(fault, Fault::CutAfter(_)) && is_answer && count == 0;
        if is_cut || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        passed += count as u64;
    }
}

/// Closes with RST, as a machine that has gone does.
fn reset(client: &TcpStream) {
    let _ = client.set_zero_linger();
}
