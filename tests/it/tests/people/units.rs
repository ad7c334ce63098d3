//! A company of two units that are entwined: their services call each other, share a node, a payer and a
//! bill. Each has a word of its own in everything that it has, and so has what is nobody's.

use std::path::Path;

use libtest_mimic::Failed;
use serde_json::{Value, json};

/// A unit: its team, a word in the names that an attacker might guess, and one in everything else.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    pub team: &'static str,
    pub name: &'static str,
    pub word: &'static str,
}

/// The units.
pub const UNITS: [Unit; 2] = [
    Unit { team: "alpha", name: "quokkamarsh", word: "quokkadelta" },
    Unit { team: "beta", name: "zebrafinch", word: "zebradelta" },
];

/// In the names of what is nobody's: shared charges, a shared incident, the delivery.
pub const NOBODY: &str = "wombatpool";

const AT: &str = "2026-03-01T10:00:00Z";

impl Unit {
    /// Canonical id of its team.
    pub fn id(&self) -> String {
        format!("org://team/{}", self.team)
    }

    /// Canonical id of a service.
    pub fn service(&self, part: &str) -> String {
        format!("service://production/{}/{}-{part}", self.word, self.name)
    }

    /// Canonical id of its database.
    pub fn database(&self) -> String {
        format!("arn:aws:rds:eu-west-1:111122223333:db:{}-base", self.name)
    }

    /// Canonical id of its volume.
    pub fn volume(&self) -> String {
        format!("arn:aws:ec2:eu-west-1:111122223333:volume/vol-{}", self.word)
    }

    fn cluster(&self) -> String {
        format!("k8s://{}-cluster", self.word)
    }

    fn workload(&self) -> String {
        format!("k8s://{0}-cluster/{0}-space/Deployment/{1}-front", self.word, self.name)
    }

    fn image(&self) -> String {
        format!("image://registry.example/{}-image", self.word)
    }

    fn entity(&self, kind: &str, id: &str, name: &str) -> Value {
        let word = self.word;
        json!({ "type": "entity", "kind": kind, "id": id, "name": name, "source": "test",
            "observed_at": AT, "labels": { "note": format!("{word}-label") },
            "scope": { "namespace": format!("{word}-space"), "environment": "production",
                "account": format!("{word}-account"), "region": "eu-west-1",
                "cluster": format!("{word}-cluster") },
            "properties": { "engine": "postgres", "remark": format!("{word}-property"),
                "state": "available", "size": 100, "volume_type": "gp2", "replicas": 2,
                "version": "1.25" } })
    }

    fn entities(&self) -> Vec<Value> {
        let Self { name, word, .. } = self;
        let (front, back) = (self.service("front"), self.service("back"));
        let mut rows = vec![
            self.entity("service", &front, &format!("{name}-front")),
            self.entity("service", &back, &format!("{name}-back")),
            self.entity("database", &self.database(), &format!("{name}-base")),
            self.entity("volume", &self.volume(), &format!("{word}-volume")),
            self.entity("kubernetes_cluster", &self.cluster(), &format!("{word}-cluster")),
            self.entity("workload", &self.workload(), &format!("{name}-front")),
            self.entity("image", &self.image(), &format!("{word}-image")),
        ];
        for number in 0..2 {
            let pod = format!("{}/pod-{number}", self.workload());
            rows.push(self.entity("pod", &pod, &format!("{word}-pod-{number}")));
            rows.push(relation("has_replica", &self.workload(), &pod));
        }
        rows.push(relation("implemented_by", &front, &self.workload()));
        rows.push(relation("uses_image", &self.workload(), &self.image()));
        rows.push(relation("calls", &front, &back));
        rows.push(relation("connects_to", &back, &self.database()));
        rows
    }

    fn events(&self) -> Vec<Value> {
        let word = self.word;
        let finding = |id: &str, entity: &str| {
            json!({ "type": "finding", "id": format!("{word}-{id}"), "source": "test",
                "entity": entity, "kind": "vulnerability", "title": format!("{word} {id}"),
                "severity": "critical", "vulnerability": "CVE-2026-0001", "observed_at": AT,
                "weaknesses": ["CVE-2026-0001"], "package": format!("{word}-package"),
                "installed_version": "1.0", "fixed_version": "1.1" })
        };
        let mut rows = vec![
            json!({ "type": "incident", "id": format!("{word}-incident"), "source": "test",
                "title": format!("{word} is down"), "severity": "critical", "status": "resolved",
                "started_at": "2026-03-01T08:00:00Z", "ended_at": "2026-03-01T09:00:00Z",
                "entities": [self.service("front")], "cause": format!("{word} cause"),
                "labels": { "harmed": format!("{}-front", self.name), "team": self.team },
                "observed_at": AT }),
            json!({ "type": "change", "id": format!("{word}-change"), "source": "test",
                "at": "2026-03-01T07:50:00Z", "kind": "deployment",
                "title": format!("{word} release"), "entities": [self.service("back")],
                "actor": format!("{word}-actor"), "observed_at": AT }),
            finding("hole", &self.service("front")),
            finding("layer", &self.image()),
        ];
        for minute in 0..30 {
            let at = format!("2026-03-01T09:{minute:02}:00Z");
            rows.push(json!({ "type": "sample", "source": "test", "entity": self.service("front"),
                "metric": format!("{word}_cpu"), "signal": "cpu_utilisation", "unit": "1",
                "at": at, "value": 0.5, "observed_at": AT }));
        }
        rows
    }
}

fn relation(kind: &str, from: &str, to: &str) -> Value {
    json!({ "type": "relation", "kind": kind, "from": from, "to": to, "source": "test",
        "evidence": "observed", "observed_at": AT })
}

/// What entwines the units: calls both ways, one node for both, an incident and a change of both.
fn entwined() -> Vec<Value> {
    let [a, b] = UNITS;
    let node = format!("node://{NOBODY}");
    let mut rows = vec![
        json!({ "type": "entity", "kind": "kubernetes_node", "id": node, "name": NOBODY,
            "source": "test", "observed_at": AT }),
        relation("calls", &a.service("front"), &b.service("back")),
        relation("calls", &b.service("front"), &a.service("back")),
        relation("connects_to", &a.service("back"), &b.database()),
        relation("connects_to", &b.service("back"), &a.database()),
    ];
    for unit in UNITS {
        for number in 0..2 {
            rows.push(relation("runs_on", &format!("{}/pod-{number}", unit.workload()), &node));
        }
    }
    rows.push(json!({ "type": "incident", "id": format!("{NOBODY}-incident"), "source": "test",
        "title": format!("{NOBODY} is down"), "severity": "critical", "status": "resolved",
        "started_at": "2026-03-01T08:10:00Z", "ended_at": "2026-03-01T08:20:00Z",
        "observed_at": AT }));
    rows
}

/// An incident and a change of all the units: of each, only its own part may be told.
fn common(units: &[Unit]) -> Vec<Value> {
    let harmed: Vec<String> = units.iter().map(|unit| unit.service("front")).collect();
    let names: Vec<String> = units.iter().map(|unit| format!("{}-front", unit.name)).collect();
    let teams: Vec<&str> = units.iter().map(|unit| unit.team).collect();
    let about = if units.len() > 1 { NOBODY } else { "" };
    vec![
        json!({ "type": "incident", "id": "both-incident", "source": "test",
            "title": "both are down", "severity": "high", "status": "resolved",
            "started_at": "2026-03-01T06:00:00Z", "ended_at": "2026-03-01T06:30:00Z",
            "entities": harmed, "observed_at": AT, "parent": format!("{about}-incident"),
            "labels": { "harmed": names.join("|"), "team": teams.join("|"), "about": about } }),
        json!({ "type": "change", "id": "both-change", "source": "test",
            "at": "2026-03-01T05:50:00Z", "kind": "deployment", "title": "both released",
            "entities": harmed, "observed_at": AT, "labels": { "about": about } }),
    ]
}

/// A trace of each unit in which its front calls its own back, and with both units the other's too, and its
/// back the other's front.
fn traces(units: &[Unit]) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let mut resources = Vec::new();
    for (place, unit) in units.iter().enumerate() {
        let mut calls = vec![("front", unit, "back")];
        if let Some(other) = units.get((place + 1) % units.len()).filter(|_| units.len() > 1) {
            calls.extend([("front", other, "back"), ("back", other, "front")]);
        }
        for (round, (from, callee, part)) in (1_u64..).zip(calls) {
            let number = unit.word.len() as u64 * 100 + u64::from(unit.word.as_bytes()[0]) + round;
            let start = 1_772_355_600_000_000_000_u64 + round * 1_000_000_000;
            let span = |id: u64, parent: Option<u64>, kind: u8, route: &str, from: u64, to: u64| {
                json!({ "traceId": format!("{number:032x}"), "spanId": format!("{id:016x}"),
                    "parentSpanId": parent.map(|id| format!("{id:016x}")).unwrap_or_default(),
                    "name": format!("{route}-route"), "kind": kind,
                    "startTimeUnixNano": (start + from).to_string(),
                    "endTimeUnixNano": (start + to).to_string() })
            };
            let (client, server) = (number * 10, number * 10 + 1);
            let caller = span(client, None, 3, unit.word, 0, 90_000_000);
            let called = span(server, Some(client), 2, callee.word, 5_000_000, 80_000_000);
            for (service, space, span) in [
                (format!("{}-{from}", unit.name), unit.word, caller),
                (format!("{}-{part}", callee.name), callee.word, called),
            ] {
                resources.push(json!({ "resource": { "attributes": [
                        text("service.name", &service), text("service.namespace", space),
                        text("deployment.environment", "production") ] },
                    "scopeSpans": [{ "spans": [span] }] }));
            }
        }
    }
    json!({ "resourceSpans": resources })
}

const BILL: &str = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,\
    BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,\
    ChargeCategory,ServiceName,ProviderName,ResourceId,ResourceType,RegionId,SubAccountId,\
    SubAccountName,SkuId,ChargeDescription,PricingCategory,CommitmentDiscountId,\
    CommitmentDiscountStatus,ConsumedQuantity,ConsumedUnit,x_Operation,Tags\n";

/// One bill of one payer: days of each unit's database and volume, and with both units what is nobody's.
fn bill(units: &[Unit]) -> String {
    let mut text = BILL.to_owned();
    let row = |month: u32, day: u32, cost: &str, resource: &str, word: &str, commitment: &str| {
        format!(
            "{cost},{cost},{cost},{cost},payer,USD,2026-0{month}-01,2026-0{}-01,\
             2026-0{month}-{day:02},2026-0{month}-{:02},Usage,{word} service,AWS,{resource},\
             {word}-type,eu-west-1,{word}-account,{word} account,{word}-sku,{word} description,\
             Standard,{commitment},24,h,{word}-operation,\"{{\"\"note\"\": \"\"{word}-tag\"\"}}\"\n",
            month + 1,
            day + 1
        )
    };
    for month in 1..=3 {
        for day in 1..=27 {
            for (place, unit) in (1_u32..).zip(units) {
                let odd = unit.word.len() as u32 + place * day + month;
                let base = format!("{}.5", odd % 7 + 3);
                text.push_str(&row(month, day, &base, &unit.database(), unit.word, ","));
                text.push_str(&row(month, day, "1.25", &unit.volume(), unit.word, ","));
            }
            if units.len() > 1 {
                text.push_str(&row(
                    month,
                    day,
                    "77.125",
                    "",
                    NOBODY,
                    &format!("{NOBODY}-plan,Unused"),
                ));
            }
        }
    }
    text
}

/// Writes all of some units' data. With both it holds what entwines them, and what is nobody's.
pub fn write_files(folder: &Path, units: &[Unit]) -> Result<(), Failed> {
    let mut tables =
        "unit,parent,parent_kind,kind,name\ncompany,,,organisation,Company\n".to_owned();
    let mut owners = "match,owner\n".to_owned();
    let mut budgets = "unit,period_start,period_end,currency,basis,amount\n".to_owned();
    let mut values = "metric,unit,period_start,period_end,value,currency,source\n".to_owned();
    let mut rows = Vec::new();
    for Unit { team, name, word } in units {
        tables.push_str(&format!("{team},company,organisation,team,{name} team\n"));
        owners.push_str(&format!("namespace={word}-space,{team}\n"));
        budgets.push_str(&format!("{team},2026-01-01,2027-01-01,USD,billed,7713\n"));
        values
            .push_str(&format!("{word}_orders,{team},2026-01-01,2026-04-01,900,,{word} ledger\n"));
    }
    for unit in units {
        rows.extend(unit.entities());
        rows.extend(unit.events());
    }
    if units.len() > 1 {
        rows.extend(entwined());
    }
    rows.extend(common(units));
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    std::fs::write(folder.join("organisation.csv"), tables)?;
    std::fs::write(folder.join("ownership.csv"), owners)?;
    std::fs::write(folder.join("budgets.csv"), budgets)?;
    std::fs::write(folder.join("values.csv"), values)?;
    std::fs::write(folder.join("rows.ndjson"), rows)?;
    std::fs::write(folder.join("traces.json"), traces(units).to_string())?;
    std::fs::write(folder.join(format!("{NOBODY}-bill.csv")), bill(units))?;
    Ok(())
}
