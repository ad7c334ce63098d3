//! Live answers for many clients: `cargo xtask bench live [CLIENTS]`. Each of 1,000 clients subscribes to
//! three of ten distinct answers; then something is ingested again and again. Times are from the request
//! that ingests to the message of each client; processor time is that of the program.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bench::machine;
use bench::percentile::Times;
use bench::program::{Program, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Clients when the command line names no number.
const CLIENTS: usize = 1_000;
/// Distinct answers, and how many of them one client has.
const ANSWERS: usize = 10;
const OF_EACH: usize = 3;
/// Services of the estate before the first round.
const SERVICES: usize = 500;
/// Ingests that are measured.
const ROUNDS: usize = 30;
/// Pause between two of them.
const PAUSE: Duration = Duration::from_secs(1);
/// A message that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    machine::print();
    let clients = match std::env::args().nth(1) {
        None => CLIENTS,
        Some(text) => text.parse().with_context(|| format!("`{text}` is no number of clients"))?,
    };
    let folder = tempfile::tempdir()?;
    let most = (clients + 10).to_string();
    let program =
        Program::new(&folder.path().join("data"), &[("UBIQUITOUS_LIVE_CLIENTS", most.as_str())]);
    let (server, _) = program.serve()?;
    tokio::runtime::Runtime::new()?.block_on(measure(&server, clients))
}

async fn measure(server: &Server, clients: usize) -> Result<()> {
    ingest(&server.address, 0, SERVICES).await?;
    let (sender, mut told) = mpsc::unbounded_channel();
    let begun = Instant::now();
    for number in 0..clients {
        let mut socket = connect(&server.address).await?;
        for one in 0..OF_EACH {
            let limit = 100 + (number + one) % ANSWERS;
            let words = json!({"type": "subscribe", "id": one.to_string(), "question": "topology",
                "params": {"limit": limit}});
            say(&mut socket, &words).await?;
        }
        tokio::spawn(listen(socket, sender.clone()));
    }
    let expected = clients * OF_EACH;
    wait_for(&mut told, expected).await.context("first answers")?;
    println!(
        "load: {clients} clients, {ANSWERS} distinct answers of {SERVICES} services and more, \
         {expected} subscriptions; all there {:.1} s after the first connected",
        begun.elapsed().as_secs_f64()
    );
    let before = processor_seconds(server.pid());
    let measured = Instant::now();
    let (mut all, mut last, mut bytes) = (Times::default(), Times::default(), 0);
    for round in 0..ROUNDS {
        let at = Instant::now();
        ingest(&server.address, SERVICES + round, 1).await?;
        let seen = wait_for(&mut told, expected).await.with_context(|| format!("round {round}"))?;
        for (when, length) in &seen {
            all.add(when.saturating_duration_since(at).as_secs_f64() * 1e3);
            bytes += length;
        }
        let slowest = seen.iter().map(|(when, _)| *when).max().unwrap_or(at);
        last.add(slowest.saturating_duration_since(at).as_secs_f64() * 1e3);
        tokio::time::sleep(PAUSE).await;
    }
    println!("ingest to message: {}", all.line());
    println!("ingest to the last client's message: {}", last.line());
    println!(
        "{} messages, {} bytes each on average",
        ROUNDS * expected,
        bytes / (ROUNDS * expected)
    );
    if let (Some(before), Some(after)) = (before, processor_seconds(server.pid())) {
        let share = (after - before) / measured.elapsed().as_secs_f64() * 100.0;
        println!("program: {share:.0} % of one core while it was measured");
    }
    if let Some(resident) = machine::resident_mib(server.pid()) {
        println!("program: {resident} MiB resident");
    }
    Ok(())
}

async fn connect(address: &str) -> Result<WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!("ws://{address}/api/v1/live").into_client_request()?;
    Ok(client_async(request, stream).await?.0)
}

async fn say(socket: &mut WebSocketStream<TcpStream>, words: &Value) -> Result<()> {
    use futures::SinkExt;
    Ok(socket.send(Message::text(words.to_string())).await?)
}

/// Notes when each answer or patch came, and how long it was.
async fn listen(
    mut socket: WebSocketStream<TcpStream>,
    told: mpsc::UnboundedSender<(Instant, usize)>,
) {
    use futures::StreamExt;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let is_answer =
            text.starts_with(r#"{"type":"answer""#) || text.starts_with(r#"{"type":"patch""#);
        if is_answer && told.send((Instant::now(), text.len())).is_err() {
            return;
        }
    }
}

async fn wait_for(
    told: &mut mpsc::UnboundedReceiver<(Instant, usize)>,
    count: usize,
) -> Result<Vec<(Instant, usize)>> {
    let mut seen = Vec::with_capacity(count);
    while seen.len() < count {
        match tokio::time::timeout(PATIENCE, told.recv()).await {
            Ok(Some(one)) => seen.push(one),
            _ => bail!("{} of {count} messages came", seen.len()),
        }
    }
    Ok(seen)
}

/// Pushes services as rows of our own format.
async fn ingest(address: &str, first: usize, count: usize) -> Result<()> {
    let row = |n: usize| {
        format!(
            "{{\"type\":\"entity\",\"kind\":\"service\",\"id\":\"service://p/_/s{n}\",\"name\":\"s{n}\",\
             \"observed_at\":\"2026-11-01T00:00:00Z\",\"source\":\"bench\"}}\n"
        )
    };
    let body: String = (first..first + count).map(row).collect();
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST /api/v1/ingest?name=rows.ndjson HTTP/1.1\r\nhost: {address}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if !answer.starts_with("HTTP/1.1 200") {
        bail!("ingest: {answer}");
    }
    Ok(())
}

/// Seconds that a process has been on a processor, where the system tells.
fn processor_seconds(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after = text.rsplit_once(')')?.1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    // utime and stime, in hundredths of a second, are the 14th and 15th field of the line.
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
