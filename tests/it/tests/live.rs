//! Live answers through the built program: from ingest to message, resume by version, limits, who may
//! connect, and how a connection ends.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

use super::program::{Program, expect};
use super::server::{Server, services};

/// Longest wait for a message that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("live::a_change_arrives_within_a_second", changed),
        Trial::test("live::one_answer_serves_all_who_subscribe_to_it", shared),
        Trial::test("live::a_client_that_comes_back_gets_what_it_lacks", resumed),
        Trial::test("live::what_is_wrong_is_said", refused),
        Trial::test("live::other_sites_get_no_socket", foreign),
        Trial::test("live::the_end_of_the_program_is_told", ended),
    ]
}

/// A connected client.
pub struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// Connects with these headers; the status where that is refused.
    pub fn connect(
        address: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Result<Self, u16>, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut request = format!("ws://{address}/api/v1/live").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse()?);
        }
        match client(request, stream) {
            Ok((socket, _)) => Ok(Ok(Self(socket))),
            Err(tokio_tungstenite::tungstenite::HandshakeError::Failure(Error::Http(response))) => {
                Ok(Err(response.status().as_u16()))
            }
            Err(error) => Err(error.to_string().into()),
        }
    }

    /// A client of a server, past its welcome.
    pub fn open(server: &Server) -> Result<Self, Failed> {
        let mut socket = Self::connect(&server.address, &[])?
            .map_err(|status| Failed::from(format!("status {status}")))?;
        let welcome = socket.next()?;
        expect("welcome", welcome["type"].as_str(), Some("welcome"))?;
        Ok(socket)
    }

    /// Says something.
    pub fn say(&mut self, words: &Value) -> Result<(), Failed> {
        Ok(self.0.send(Message::text(words.to_string()))?)
    }

    /// Subscribes to a question.
    pub fn subscribe(&mut self, id: &str, question: &str, params: &Value) -> Result<(), Failed> {
        self.say(&json!({"type": "subscribe", "id": id, "question": question, "params": params}))
    }

    /// The next message that is no heartbeat.
    pub fn next(&mut self) -> Result<Value, Failed> {
        loop {
            if let Message::Text(text) = self.0.read()? {
                let message: Value = serde_json::from_str(&text)?;
                if message["type"] != "heartbeat" {
                    return Ok(message);
                }
            }
        }
    }

    /// The next message, or none within `wait`.
    pub fn next_within(&mut self, wait: Duration) -> Result<Option<Value>, Failed> {
        self.0.get_mut().set_read_timeout(Some(wait))?;
        let read = self.0.read();
        self.0.get_mut().set_read_timeout(Some(PATIENCE))?;
        match read {
            Ok(Message::Text(text)) => Ok(Some(serde_json::from_str(&text)?)),
            Ok(_) => Ok(None),
            Err(Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A JSON merge patch, as RFC 7396 says it is applied.
fn patched(target: &Value, patch: &Value) -> Value {
    let Some(members) = patch.as_object() else { return patch.clone() };
    let mut whole = target.as_object().cloned().unwrap_or_default();
    for (name, value) in members {
        if value.is_null() {
            whole.remove(name);
        } else {
            let before = whole.get(name).cloned().unwrap_or(Value::Null);
            whole.insert(name.clone(), patched(&before, value));
        }
    }
    Value::Object(whole)
}

fn push(server: &Server, first: usize, count: usize) -> Result<(), Failed> {
    let rows = services(first, count);
    let (status, text) =
        server.send("POST", "/api/v1/ingest?name=rows.ndjson", &[], rows.as_bytes())?;
    expect(&text, status, 200)
}

fn entities(envelope: &Value) -> Option<u64> {
    envelope["data"]["summary"]["entities"].as_u64()
}

/// What is ingested is told within a second, by a patch or whole, and gives what the route gives.
fn changed() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    push(&server, 0, 200)?;
    let mut socket = Socket::open(&server)?;
    socket.subscribe("map", "topology", &json!({"limit": 500}))?;
    let first = socket.next()?;
    expect("first", (first["type"].as_str(), first["id"].as_str()), (Some("answer"), Some("map")))?;
    let mut envelope = first["envelope"].clone();
    expect("entities", entities(&envelope), Some(200))?;
    let mut slowest = Duration::ZERO;
    for round in 0..3 {
        let begun = Instant::now();
        push(&server, 200 + round, 1)?;
        let next = socket.next()?;
        slowest = slowest.max(begun.elapsed());
        envelope = match next["type"].as_str() {
            Some("patch") => patched(&envelope, &next["patch"]),
            Some("answer") => next["envelope"].clone(),
            other => return Err(format!("{other:?} instead of an answer").into()),
        };
        expect("entities", entities(&envelope), Some(201 + round as u64))?;
    }
    expect(&format!("{slowest:?} from ingest to message"), slowest < Duration::from_secs(1), true)?;
    let (_, mut asked) = server.get("/api/v1/topology?limit=500")?;
    for one in [&mut envelope, &mut asked] {
        one["took_ms"] = Value::Null;
    }
    expect("the same as its route gives", envelope == asked, true)?;
    // Rules are told as well: they say what entities and relations mean.
    let rules = "- match: {name: s1}\n  set: {tier: critical}\n";
    let (status, text) = server.send("POST", "/api/v1/rules", &[], rules.as_bytes())?;
    expect(&text, status, 200)?;
    expect("after a rule", socket.next()?["id"].as_str(), Some("map"))
}

/// Two clients with the same question get the same version; another question is told nothing of what
/// it does not read.
fn shared() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    push(&server, 0, 3)?;
    let (mut one, mut other) = (Socket::open(&server)?, Socket::open(&server)?);
    // The same parameters in another form are the same answer.
    one.subscribe("a", "topology", &json!({"limit": 10}))?;
    other.subscribe("b", "topology", &json!({"limit": "10"}))?;
    let (first, second) = (one.next()?, other.next()?);
    expect("version", first["version"].as_str(), second["version"].as_str())?;
    other.subscribe("cost", "cost-analysis", &json!({}))?;
    expect("cost", other.next()?["id"].as_str(), Some("cost"))?;
    one.say(&json!({"type": "unsubscribe", "id": "a"}))?;
    expect("unsubscribed", one.next()?["type"].as_str(), Some("unsubscribed"))?;
    push(&server, 3, 1)?;
    expect("who stays", other.next()?["id"].as_str(), Some("b"))?;
    expect("who left", one.next_within(Duration::from_millis(400))?, None)
}

/// The version that a client has is not sent again; one that it lacks is sent whole.
fn resumed() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    push(&server, 0, 3)?;
    let mut socket = Socket::open(&server)?;
    socket.subscribe("map", "topology", &json!({}))?;
    let version = socket.next()?["version"].clone();
    drop(socket);
    let again = json!({"type": "subscribe", "id": "x", "question": "topology", "version": version});
    let mut socket = Socket::open(&server)?;
    socket.say(&again)?;
    let told = socket.next()?;
    expect("same version", told["type"].as_str(), Some("current"))?;
    drop(socket);
    push(&server, 3, 1)?;
    let mut socket = Socket::open(&server)?;
    socket.say(&again)?;
    let told = socket.next()?;
    expect("newer version", told["type"].as_str(), Some("answer"))?;
    expect("entities", entities(&told["envelope"]), Some(4))?;
    // A report is subscribed to by its name.
    socket.say(&json!({"type": "subscribe", "id": "board", "report": "dashboard"}))?;
    let report = socket.next()?;
    let question = report["envelope"]["question"].as_str();
    expect("report", question, Some("reports/dashboard"))
}

/// Mistakes are answered with a problem that names them, and the conversation goes on.
fn refused() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let mut socket = Socket::open(&server)?;
    for (words, status, hint) in [
        (json!({"type": "shout"}), 400, "unknown variant"),
        (json!({"type": "subscribe", "id": "a"}), 400, "either `question` or `report`"),
        (json!({"type": "subscribe", "id": "a", "question": "topologie"}), 404, "topology"),
        (json!({"type": "subscribe", "id": "a", "report": "none"}), 404, "dashboard"),
        (json!({"type": "subscribe", "id": "", "question": "topology"}), 400, "1 to 100"),
        (
            json!({"type": "subscribe", "id": "a", "question": "topology", "params": {"dept": 1}}),
            400,
            "dept",
        ),
        (json!({"type": "unsubscribe", "id": "a"}), 404, "not subscribed"),
    ] {
        socket.say(&words)?;
        let told = socket.next()?;
        expect(&format!("{words}"), told["problem"]["status"].as_u64(), Some(status))?;
        expect("stands", told["is_subscribed"].as_bool(), Some(false))?;
        let detail = told["problem"]["detail"].as_str().unwrap_or_default().to_owned();
        expect(&format!("{words}: {detail}"), detail.contains(hint), true)?;
    }
    // What is not known yet is told as soon as it is.
    socket.subscribe("s0", "topology", &json!({"root": "service://test/_/s0"}))?;
    let told = socket.next()?;
    expect("not known", told["problem"]["status"].as_u64(), Some(404))?;
    expect("but subscribed", told["is_subscribed"].as_bool(), Some(true))?;
    push(&server, 0, 1)?;
    expect("known", socket.next()?["type"].as_str(), Some("answer"))?;
    // The sixty-fifth subscription is one too many.
    for number in 1..65 {
        socket.subscribe(&format!("t{number}"), "topology", &json!({"limit": number}))?;
    }
    let mut refusals = 0;
    for _ in 1..65 {
        let told = socket.next()?;
        if told["type"] == "problem" {
            let detail = told["problem"]["detail"].as_str().unwrap_or_default();
            expect("the last", told["id"].as_str(), Some("t64"))?;
            expect(detail, detail.contains("64 subscriptions"), true)?;
            refusals += 1;
        }
    }
    expect("refusals", refusals, 1)
}

/// Pages of other sites, rebound names and plain requests get no socket.
fn foreign() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let own = server.address.clone();
    let status = |headers: &[(&'static str, &str)]| -> Result<Option<u16>, Failed> {
        Ok(Socket::connect(&own, headers)?.err())
    };
    expect("a program", status(&[])?, None)?;
    expect("our own page", status(&[("origin", &format!("http://{own}"))])?, None)?;
    expect("another site", status(&[("origin", "http://evil.example")])?, Some(403))?;
    expect("a file", status(&[("origin", "null")])?, Some(403))?;
    expect("cross-site", status(&[("sec-fetch-site", "cross-site")])?, Some(403))?;
    expect("a rebound name", status(&[("host", "evil.example")])?, Some(403))?;
    let (status, problem) = server.get("/api/v1/live")?;
    expect("without upgrade", status, 400)?;
    expect("field", problem["field"].as_str(), Some("upgrade"))
}

/// A program that is asked to end says so to its clients, and does not wait for them.
fn ended() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let (mut socket, _silent) = (Socket::open(&server)?, Socket::open(&server)?);
    socket.subscribe("map", "topology", &json!({}))?;
    socket.next()?;
    let begun = Instant::now();
    server.ask_to_end()?;
    expect("told", socket.next()?["type"].as_str(), Some("closing"))?;
    match socket.0.read() {
        Ok(Message::Close(Some(frame))) => expect("code", u16::from(frame.code), 1001)?,
        other => return Err(format!("{other:?} instead of a close").into()),
    }
    server.wait()?;
    expect("ended in time", begun.elapsed() < Duration::from_secs(8), true)
}
