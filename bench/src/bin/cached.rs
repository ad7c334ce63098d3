//! A cached answer over HTTP against a bare handler that gives the same bytes, in one run:
//! `cargo xtask bench cached`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use bench::machine;
use bench::program::Program;

/// Clients with one connection each.
const CLIENTS: usize = 8;
/// Length of one measurement.
const MEASURED: Duration = Duration::from_secs(5);

fn main() -> Result<()> {
    machine::print();
    let folder = tempfile::tempdir()?;
    let rows = folder.path().join("rows.ndjson");
    let row = |n: u32| {
        format!(
            "{{\"type\":\"entity\",\"kind\":\"service\",\"id\":\"service://p/_/s{n}\",\"name\":\"s{n}\",\
             \"observed_at\":\"2026-11-01T00:00:00Z\",\"source\":\"bench\"}}\n"
        )
    };
    std::fs::write(&rows, (0..100).map(row).collect::<String>())?;
    let program = Program::new(&folder.path().join("data"), &[]);
    program.json(&["ingest", &rows.display().to_string()])?;
    let (server, _) = program.serve()?;
    let path = "/api/v1/topology";
    let (body, _) = server.get(path)?;
    println!("load: one answer of {} bytes, {CLIENTS} clients, keep-alive", body.len());
    let runtime = tokio::runtime::Runtime::new()?;
    let bytes = Bytes::from(body);
    let bare = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let handler = move || std::future::ready(bytes.clone());
        let router = Router::new().route("/", get(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        anyhow::Ok(address.to_string())
    })?;
    // Alternating, so that the machine's mood is the same for both.
    let (mut ours, mut theirs) = (0.0, 0.0);
    for _ in 0..3 {
        theirs += rate(&bare, "/")?;
        ours += rate(&server.address, path)?;
    }
    let (ours, theirs) = (ours / 3.0, theirs / 3.0);
    println!("bare handler: {theirs:.0} requests/s");
    println!("cached answer: {ours:.0} requests/s, {:.0} % of it", ours / theirs * 100.0);
    Ok(())
}

/// Requests per second.
fn rate(address: &str, path: &str) -> Result<f64> {
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(|| client(address, path, &done, &stop))).collect();
        std::thread::sleep(MEASURED);
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().try_for_each(|client| match client.join() {
            Ok(outcome) => outcome,
            Err(_) => anyhow::bail!("a client panicked"),
        })
    })?;
    Ok(done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64())
}

fn client(address: &str, path: &str, done: &AtomicU64, stop: &AtomicBool) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut buffer = vec![0; 1 << 16];
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(request.as_bytes())?;
        let mut received = Vec::new();
        loop {
            let read = stream.read(&mut buffer)?;
            anyhow::ensure!(read > 0, "the server closed the connection");
            received.extend_from_slice(&buffer[..read]);
            if is_whole(&received)? {
                break;
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Whether a response is there to its end.
fn is_whole(received: &[u8]) -> Result<bool> {
    let Some(head) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(false);
    };
    let text = std::str::from_utf8(&received[..head])?.to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.context("no content-length")?.trim().parse()?;
    Ok(received.len() >= head + 4 + length)
}
