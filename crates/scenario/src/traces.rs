//! Traces: requests that walk the call graph, with a client and a server span per call, spans to
//! stores, and messages through queues.

use crate::behaviour::{Behaviour, position};
use crate::estate::{Cluster, Estate, Pod, PodState};
use crate::metrics::observed_calls;
use crate::random::Sequence;
use crate::services::{Call, SERVICES, Service, service};
use crate::stores::{StoreKind, queue_name, store_of};

/// Kind of a span, as OTLP numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpanKind {
    /// 1
    Internal = 1,
    /// 2
    Server = 2,
    /// 3
    Client = 3,
    /// 4
    Producer = 4,
    /// 5
    Consumer = 5,
}

/// One span.
#[derive(Debug, Clone)]
pub struct Span {
    /// Trace.
    pub trace: [u8; 16],
    /// Id.
    pub id: [u8; 8],
    /// Parent; `None` for a root.
    pub parent: Option<[u8; 8]>,
    /// Position of its service in `SERVICES`.
    pub service: usize,
    /// Index of its pod in the cluster.
    pub pod: usize,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: SpanKind,
    /// Start in nanoseconds since 1970.
    pub start: i64,
    /// End.
    pub end: i64,
    /// Whether it failed.
    pub failed: bool,
    /// Attributes.
    pub attributes: Vec<(&'static str, String)>,
}

/// Services that receive what `s` sends.
pub fn consumers<'b>(
    behaviour: &'b Behaviour,
    s: &Service,
) -> impl Iterator<Item = &'static Service> + use<'b> {
    let sends = s.sends;
    SERVICES.iter().filter(move |c| {
        behaviour.has_traffic(c) && c.receives.iter().any(|queue| sends.contains(queue))
    })
}

/// Makes traces of one environment.
pub struct Tracer<'a> {
    estate: &'a Estate,
    cluster: &'a Cluster,
    behaviour: &'a Behaviour,
    /// Pods of each service, by its position.
    pods: Vec<Vec<usize>>,
}

/// One trace in the making.
struct Walk<'w> {
    draw: Sequence,
    trace: [u8; 16],
    spans: Vec<Span>,
    /// Services that must be passed, from the entry on, and how many of them were.
    path: &'w [&'static str],
    passed: usize,
    at: i64,
}

impl Walk<'_> {
    /// Whether the path leads over this call next; if so it counts as passed.
    fn must_pass(&mut self, from: &str, to: &str) -> bool {
        let rest = &self.path[self.passed.min(self.path.len())..];
        let is_next = rest.len() >= 2 && rest[0] == from && rest[1] == to;
        self.passed += usize::from(is_next);
        is_next
    }
}

const MAX_DEPTH: usize = 9;

impl<'a> Tracer<'a> {
    /// A tracer for one environment.
    pub fn new(estate: &'a Estate, cluster: &'a Cluster, behaviour: &'a Behaviour) -> Self {
        let ready = |p: &&(usize, &Pod)| p.1.state == PodState::Ready;
        let pods = SERVICES
            .iter()
            .map(|s| {
                let of = |p: &&(usize, &Pod)| {
                    p.1.workload.is_some_and(|w| cluster.workloads[w].name == s.name)
                };
                let all: Vec<(usize, &Pod)> = cluster.pods.iter().enumerate().collect();
                all.iter().filter(of).filter(ready).map(|p| p.0).collect()
            })
            .collect();
        Self { estate, cluster, behaviour, pods }
    }

    fn can_serve(&self, s: &Service) -> bool {
        !self.pods[position(s)].is_empty()
    }

    /// `count` traces that start in `[from, to)`, and before them one for every call and message
    /// of the environment when `cover` is set, so that each is seen at least once.
    pub fn traces(&self, from: i64, to: i64, count: u32, cover: bool) -> Vec<Vec<Span>> {
        let mut all = Vec::new();
        if cover {
            for (number, path) in self.paths().into_iter().enumerate() {
                let key = format!("cover/{}/{from}/{number}", self.cluster.env.name);
                all.push(self.trace(&key, from, to, &path));
            }
        }
        let entries: Vec<(&Service, f64)> = SERVICES
            .iter()
            .filter(|s| s.outside > 0.0 && self.behaviour.has_traffic(s) && self.can_serve(s))
            .map(|s| (s, s.outside))
            .collect();
        let total: f64 = entries.iter().map(|e| e.1).sum();
        for number in 0..count {
            let key = format!("trace/{}/{from}/{number}", self.cluster.env.name);
            let mut drawn = self.estate.random.unit(&key) * total;
            let chosen = entries.iter().find(|e| {
                drawn -= e.1;
                drawn < 0.0
            });
            if let Some((entry, _)) = chosen.or(entries.last()) {
                all.push(self.trace(&key, from, to, &[entry.name]));
            }
        }
        all.retain(|t| !t.is_empty());
        all.sort_by_key(|t| t[0].start);
        all
    }

    /// For each observed call the way to it from an entry; the shortest, first found.
    fn paths(&self) -> Vec<Vec<&'static str>> {
        let mut from: Vec<Option<Vec<&'static str>>> = vec![None; SERVICES.len()];
        let mut queue = std::collections::VecDeque::new();
        for (index, s) in SERVICES.iter().enumerate() {
            if s.outside > 0.0 && !s.is_client() && self.behaviour.has_traffic(s) {
                from[index] = Some(vec![s.name]);
                queue.push_back(index);
            }
        }
        while let Some(index) = queue.pop_front() {
            let way = from[index].clone().unwrap_or_default();
            for to in self.reached_from(&SERVICES[index]) {
                if from[position(to)].is_none() {
                    let mut longer = way.clone();
                    longer.push(to.name);
                    from[position(to)] = Some(longer);
                    queue.push_back(position(to));
                }
            }
        }
        let mut paths = Vec::new();
        for (caller, callee) in observed_calls(self.behaviour) {
            let mut way = from[position(caller)].clone().unwrap_or_else(|| vec![caller.name]);
            way.push(callee.name);
            paths.push(way);
        }
        for (index, s) in SERVICES.iter().enumerate() {
            if !s.sends.is_empty()
                && let Some(way) = &from[index]
            {
                paths.push(way.clone());
            }
        }
        paths
    }

    /// Services that `s` calls or sends to.
    fn reached_from(&self, s: &Service) -> Vec<&'static Service> {
        let called = s
            .calls
            .iter()
            .filter(|c| c.known.is_observed())
            .filter_map(|c| service(c.to))
            .filter(|t| self.behaviour.has_traffic(t));
        called.chain(consumers(self.behaviour, s)).collect()
    }

    fn trace(&self, key: &str, from: i64, to: i64, path: &[&'static str]) -> Vec<Span> {
        let mut draw = self.estate.random.sequence(key);
        let at = from + draw.below((to - from).max(1).unsigned_abs()) as i64;
        let mut trace = [0; 16];
        trace[..8].copy_from_slice(&draw.bits().to_be_bytes());
        trace[8..].copy_from_slice(&draw.bits().to_be_bytes());
        let start = at * 1_000_000_000 + draw.below(1_000_000_000) as i64;
        let mut walk = Walk { draw, trace, spans: Vec::new(), path, passed: 0, at };
        let Some(entry) = path.first().and_then(|name| service(name)) else { return Vec::new() };
        if !self.can_serve(entry) {
            return Vec::new();
        }
        if entry.is_client() {
            self.probe(&mut walk, entry, start);
        } else {
            self.serve(&mut walk, entry, None, start, 0);
        }
        walk.spans
    }

    /// The prober's own span and the calls below it: it serves nobody.
    fn probe(&self, walk: &mut Walk<'_>, prober: &'static Service, start: i64) {
        let root = self.open(walk, prober, None, "probe".to_owned(), SpanKind::Internal, start);
        let mut end = start + 2_000_000;
        for call in prober.calls {
            if walk.must_pass(prober.name, call.to) || walk.draw.unit() < call.per_request {
                end = self.call(walk, prober, root, call, end, 0);
            }
        }
        walk.spans[root].end = end;
    }

    fn open(
        &self,
        walk: &mut Walk<'_>,
        s: &Service,
        parent: Option<usize>,
        name: String,
        kind: SpanKind,
        start: i64,
    ) -> usize {
        let of = &self.pods[position(s)];
        // Spans below one server span run in its pod.
        let pod = match parent.map(|p| &walk.spans[p]) {
            Some(p) if p.service == position(s) => p.pod,
            _ => of[walk.draw.below(of.len() as u64) as usize],
        };
        walk.spans.push(Span {
            trace: walk.trace,
            id: walk.draw.bits().to_be_bytes(),
            parent: parent.map(|p| walk.spans[p].id),
            service: position(s),
            pod,
            name,
            kind,
            start,
            end: start,
            failed: false,
            attributes: Vec::new(),
        });
        walk.spans.len() - 1
    }

    /// A request that `s` serves; gives its end.
    fn serve(
        &self,
        walk: &mut Walk<'_>,
        s: &'static Service,
        parent: Option<usize>,
        start: i64,
        depth: usize,
    ) -> i64 {
        let route = format!("/v1/{}", s.name);
        let name = format!("GET {route}");
        let span = self.open(walk, s, parent, name, SpanKind::Server, start);
        walk.spans[span].attributes =
            vec![("http.request.method", "GET".to_owned()), ("http.route", route)];
        let caller = parent.map(|p| SERVICES[walk.spans[p].service].name).unwrap_or("");
        let end = self.work(walk, s, span, caller, start, depth);
        let status = if walk.spans[span].failed { "500" } else { "200" };
        walk.spans[span].attributes.push(("http.response.status_code", status.to_owned()));
        walk.spans[span].end = end;
        end
    }

    /// What `s` does inside a span of its own: stores, calls, messages. Gives the end.
    fn work(
        &self,
        walk: &mut Walk<'_>,
        s: &'static Service,
        span: usize,
        caller: &str,
        start: i64,
        depth: usize,
    ) -> i64 {
        let usual = self.behaviour.state(s, walk.at);
        let seen = self.behaviour.state_for(caller, s, walk.at);
        let factor = if usual.median > 0.0 { (seen.median / usual.median).max(1.0) } else { 1.0 };
        let own = s.latency_ms * 1e6 * (walk.draw.normal() * 0.4).exp() * factor;
        let mut now = start + (own * 0.5) as i64;
        for role in s.stores {
            now = self.use_store(walk, s, span, role, now);
        }
        if depth < MAX_DEPTH {
            for call in s.calls.iter().filter(|c| c.known.is_observed()) {
                let forced = walk.must_pass(s.name, call.to);
                if forced || walk.draw.unit() < call.per_request {
                    now = self.call(walk, s, span, call, now, depth);
                }
            }
        }
        for queue in s.sends {
            now = self.send(walk, s, span, queue, now);
        }
        let failed = walk.draw.unit() < seen.errors;
        walk.spans[span].failed |= failed;
        now + (own * 0.5) as i64
    }

    fn call(
        &self,
        walk: &mut Walk<'_>,
        caller: &'static Service,
        parent: usize,
        call: &Call,
        start: i64,
        depth: usize,
    ) -> i64 {
        let Some(callee) =
            service(call.to).filter(|s| self.behaviour.has_traffic(s) && self.can_serve(s))
        else {
            return start;
        };
        let span = self.open(walk, caller, Some(parent), "GET".to_owned(), SpanKind::Client, start);
        walk.spans[span].attributes = vec![
            ("http.request.method", "GET".to_owned()),
            ("server.address", format!("{}.{}", callee.name, callee.namespace)),
            ("server.port", "8080".to_owned()),
        ];
        let wire = 200_000 + walk.draw.below(400_000) as i64;
        let served = walk.spans.len();
        let end = self.serve(walk, callee, Some(span), start + wire, depth + 1) + wire;
        let failed = walk.spans[served].failed;
        walk.spans[span].failed = failed;
        walk.spans[span].end = end;
        if failed && call.need == crate::services::Need::Required {
            walk.spans[parent].failed = true;
        }
        end
    }

    fn use_store(
        &self,
        walk: &mut Walk<'_>,
        s: &'static Service,
        parent: usize,
        role: &str,
        start: i64,
    ) -> i64 {
        let Some(store) = store_of(role, self.cluster.env.index) else { return start };
        let (name, mut attributes) = match store.system() {
            Some("redis") => ("GET".to_owned(), vec![("db.system.name", "redis".to_owned())]),
            Some(system) => {
                let table = role.trim_end_matches("-db");
                (
                    format!("SELECT {table}"),
                    vec![
                        ("db.system.name", system.to_owned()),
                        ("db.namespace", table.to_owned()),
                        ("db.operation.name", "SELECT".to_owned()),
                    ],
                )
            }
            None if store.kind == StoreKind::Bucket => (
                "S3.PutObject".to_owned(),
                vec![
                    ("rpc.system", "aws-api".to_owned()),
                    ("rpc.service", "S3".to_owned()),
                    ("aws.s3.bucket", store.id.to_owned()),
                ],
            ),
            None => ("POST".to_owned(), vec![("http.request.method", "POST".to_owned())]),
        };
        attributes.push(("server.address", store.host(self.estate.random)));
        attributes.push(("server.port", store.port.to_string()));
        let span = self.open(walk, s, Some(parent), name, SpanKind::Client, start);
        let end = start + 700_000 + (2_000_000.0 * (walk.draw.normal() * 0.6).exp()) as i64;
        walk.spans[span].attributes = attributes;
        walk.spans[span].end = end;
        end
    }

    /// A message to a queue, and what its consumers do with it; the sender does not wait.
    fn send(
        &self,
        walk: &mut Walk<'_>,
        s: &'static Service,
        parent: usize,
        queue: &'static str,
        start: i64,
    ) -> i64 {
        let name = queue_name(queue, self.cluster.env);
        let attributes = |operation: &str| {
            vec![
                ("messaging.system", "aws_sqs".to_owned()),
                ("messaging.destination.name", name.clone()),
                ("messaging.operation.type", operation.to_owned()),
            ]
        };
        let span =
            self.open(walk, s, Some(parent), format!("send {name}"), SpanKind::Producer, start);
        let end = start + 3_000_000 + walk.draw.below(4_000_000) as i64;
        walk.spans[span].attributes = attributes("send");
        walk.spans[span].end = end;
        for consumer in SERVICES.iter().filter(|c| c.receives.contains(&queue)) {
            if !self.behaviour.has_traffic(consumer) || !self.can_serve(consumer) {
                continue;
            }
            walk.must_pass(s.name, consumer.name);
            let begun = end + 20_000_000 + walk.draw.below(300_000_000) as i64;
            let what = format!("process {name}");
            let work = self.open(walk, consumer, Some(span), what, SpanKind::Consumer, begun);
            walk.spans[work].attributes = attributes("process");
            let done = self.work(walk, consumer, work, "", begun, MAX_DEPTH - 3);
            walk.spans[work].end = done;
        }
        end
    }
}
