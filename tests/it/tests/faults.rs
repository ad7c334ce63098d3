//! Servers that go away while the program serves: answers stay and say what they are, pushes are
//! kept, and when the server is back nobody has to do anything.

use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::contract::{self, Done, NEO4J, POSTGRES, Pair, Site};
use super::fault_proxy::{Fault, FaultProxy};
use super::program::{Program, expect};
use super::server::{Server, services};
use super::store_base::block_on;

/// Longest time until a lost server is noticed, and until a server that is back is used again.
const PATIENCE: Duration = Duration::from_secs(60);

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let both = &[POSTGRES, NEO4J];
    let mut trials = contract::trials(both, "faults::answers_stay_while_a_server_is_away", away);
    trials.extend(contract::trials(
        both,
        "faults::an_unreachable_server_at_start_is_said",
        unreachable,
    ));
    trials.extend(contract::trials(both, "faults::a_wrong_password_is_said", wrong_password));
    trials
}

/// The variables of a pair with its server behind a proxy.
fn behind_proxy(site: &Site) -> Result<(FaultProxy, Vec<(String, String)>), Failed> {
    let mut environment = site.environment();
    let (_, url) = environment.first_mut().ok_or("the pair has no server")?;
    let (before, rest) = url.split_once('@').ok_or("the address has no user")?;
    let (host, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let proxy = FaultProxy::start(host)?;
    *url = format!("{before}@{}{after}", proxy.address);
    Ok((proxy, environment))
}

fn away(pair: Pair) -> Done {
    let site = block_on(Site::new(pair))?;
    let (proxy, environment) = behind_proxy(&site)?;
    let program = Program::with_environment(environment)?;
    let server = Server::start(&program)?;
    push(&server, 0)?;
    let before = asked(&server)?;
    expect("live", before["source"].as_str(), Some("live"))?;
    // One that works on the whole graph, in the background where it takes long.
    given(&server, "critical-paths")?;
    proxy.set(Fault::Latency(Duration::from_millis(20)));
    expect("a slow network is no fault", asked(&server)?["source"] != "stale", true)?;
    for fault in [Fault::Reset, Fault::CutAfter(100), Fault::Blackhole] {
        proxy.set(fault);
        let during = until(&server, |answer| answer["source"] == "stale")?;
        expect(&format!("{fault:?}: the same data"), &during["data"], &before["data"])?;
        let whole = given(&server, "critical-paths")?;
        let source = whole["source"].as_str();
        expect(&format!("{fault:?}: the whole graph"), source, Some("stale"))?;
        let (_, health) = server.get("/health")?;
        expect(&format!("{fault:?}: {health}"), health["status"].as_str(), Some("degraded"))?;
        proxy.set(Fault::None);
        until(&server, |answer| answer["source"] != "stale")?;
    }
    // What is pushed while the server is away arrives when it is back.
    proxy.set(Fault::Reset);
    let address = server.address.clone();
    let pushing = std::thread::spawn(move || push_to(&address, 100));
    std::thread::sleep(Duration::from_secs(2));
    proxy.set(Fault::None);
    pushing.join().map_err(|_panic| "the pusher panicked")??;
    until_found(&server, 100)
}

/// A question that needs both stores.
fn asked(server: &Server) -> Result<Value, Failed> {
    given(server, "system-metrics")
}

/// The answer that there must be.
fn given(server: &Server, question: &str) -> Result<Value, Failed> {
    let (status, answer) = server.get(&format!("/api/v1/{question}"))?;
    if status != 200 {
        return Err(format!("{question}: {status} {answer}").into());
    }
    Ok(answer)
}

fn until(server: &Server, is_so: impl Fn(&Value) -> bool) -> Result<Value, Failed> {
    let begun = Instant::now();
    loop {
        let answer = asked(server)?;
        if is_so(&answer) {
            return Ok(answer);
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("the source is still {}", answer["source"]).into());
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn push(server: &Server, first: usize) -> Done {
    push_to(&server.address, first)
}

fn push_to(address: &str, first: usize) -> Done {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .proxy(None)
        .build()
        .new_agent();
    let url = format!("http://{address}/api/v1/ingest?name=push-{first}");
    let response = agent.post(&url).send(services(first, 5).as_bytes())?;
    expect("the push is taken", response.status().as_u16() < 300, true)
}

fn until_found(server: &Server, number: usize) -> Done {
    let begun = Instant::now();
    loop {
        let (status, answer) =
            server.get(&format!("/api/v1/entity?id=service://test/_/s{number}"))?;
        if status == 200 {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("what was pushed is not there: {status} {answer}").into());
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn unreachable(pair: Pair) -> Done {
    let site = block_on(Site::new(pair))?;
    let (proxy, environment) = behind_proxy(&site)?;
    proxy.set(Fault::Reset);
    refused(environment, &["unavailable"])
}

fn wrong_password(pair: Pair) -> Done {
    let site = block_on(Site::new(pair))?;
    let mut environment = site.environment();
    let (_, url) = environment.first_mut().ok_or("the pair has no server")?;
    let (scheme, rest) = url.split_once("://").ok_or("no scheme")?;
    let (user, host) = rest.split_once('@').ok_or("no user")?;
    let user = user.split(':').next().unwrap_or(user);
    *url = format!("{scheme}://{user}:wrong@{host}");
    refused(environment, &["password"])
}

/// The program ends with a message that has these words, and shows no password.
fn refused(environment: Vec<(String, String)>, words: &[&str]) -> Done {
    let program = Program::with_environment(environment)?;
    let ran = program.run(&["ask", "topology"])?;
    expect(&format!("the exit code; {}", ran.stderr), ran.code != 0, true)?;
    for word in words {
        expect(&format!("`{word}` in {}", ran.stderr), ran.stderr.contains(word), true)?;
    }
    expect("no password is shown", ran.stderr.contains("wrong@"), false)
}
