//! SQL Server on machines: by the billing code, the platform's name, the image's name, tags, and
//! traffic to its port, each with its confidence. A customer's own licence shows in no billing code,
//! so a code never proves that there is no SQL Server.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::shape::Sign;
use crate::estate::Estate;
use crate::property::text;

/// Port of the default instance.
const PORT: u16 = 1433;

/// Billing codes of images with SQL Server, with its edition. The same code with a suffix after a
/// second colon is Spot.
const CODES: [(&str, &str); 11] = [
    ("RunInstances:0006", "Standard"),
    ("RunInstances:0102", "Enterprise"),
    ("RunInstances:0202", "Web"),
    ("RunInstances:0004", "Standard"),
    ("RunInstances:0100", "Enterprise"),
    ("RunInstances:0200", "Web"),
    ("RunInstances:0014", "Standard"),
    ("RunInstances:0110", "Enterprise"),
    ("RunInstances:0210", "Web"),
    ("RunInstances:1014", "Standard"),
    ("RunInstances:1110", "Enterprise"),
];

/// What is known of SQL Server on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::question) struct SqlServer {
    /// Signs, the most trusted first.
    pub signs: Vec<Sign>,
    /// Edition, when a sign names it.
    pub edition: Option<String>,
    /// Release (`2019`), when a sign names it.
    pub release: Option<String>,
    /// Whether the licence is in the price of the machine.
    pub is_licence_included: bool,
}

impl SqlServer {
    /// How far the most trusted sign is trusted; a code and a name that agree are certain.
    pub(super) fn confidence(&self) -> Confidence {
        let by = |sign: &str| self.signs.iter().any(|one| one.sign == sign);
        if by("usage_operation") && by("platform_details") {
            return Confidence::Certain;
        }
        self.signs.iter().map(|one| one.confidence).max().unwrap_or(Confidence::Low)
    }
}

/// The edition that a billing code means.
pub(super) fn edition_of_code(operation: &str) -> Option<&'static str> {
    let until_second =
        operation.match_indices(':').nth(1).map_or(operation, |(at, _)| &operation[..at]);
    CODES.iter().find(|(code, _)| *code == until_second).map(|(_, edition)| *edition)
}

/// The edition in a text that names SQL Server.
fn edition_in(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    ["Enterprise", "Standard", "Web", "Express", "Developer"]
        .into_iter()
        .find(|edition| text.contains(&edition.to_lowercase()))
}

/// What a machine shows; `None` when nothing does.
pub(super) fn of(estate: &Estate, instance: u32) -> Option<SqlServer> {
    let fact = estate.entity(instance);
    let mut found = SqlServer::default();
    by_billing(fact, &mut found);
    by_image(estate, instance, &mut found);
    by_tags(fact, &mut found);
    by_traffic(estate, instance, &mut found);
    found.signs.sort_by(|a, b| (b.confidence, &a.sign).cmp(&(a.confidence, &b.sign)));
    (!found.signs.is_empty()).then_some(found)
}

fn sign(found: &mut SqlServer, sign: &str, detail: impl Into<String>, confidence: Confidence) {
    found.signs.push(Sign { sign: sign.to_owned(), detail: detail.into(), confidence });
}

fn by_billing(fact: &EntityFact, found: &mut SqlServer) {
    if let Some(operation) = text(fact, "usage_operation")
        && let Some(edition) = edition_of_code(operation)
    {
        sign(found, "usage_operation", operation, Confidence::High);
        found.edition = Some(edition.to_owned());
        found.is_licence_included = true;
    }
    // It may name two licences; that of SQL Server comes after its name.
    if let Some(details) = text(fact, "platform_details")
        && let Some((_, behind)) = details.split_once("SQL Server")
    {
        sign(found, "platform_details", details, Confidence::High);
        found.edition = found.edition.take().or_else(|| edition_in(behind).map(str::to_owned));
        found.is_licence_included = true;
    }
}

/// Names like `Windows_Server-2022-English-Full-SQL_2019_Standard-2024.05.15`.
fn by_image(estate: &Estate, instance: u32, found: &mut SqlServer) {
    let images = estate.far(instance, R::UsesImage).map(|one| estate.entity(one));
    for image in images {
        if !found.is_licence_included {
            // Exports that tell no code of the machine may tell that of its image.
            by_billing(image, found);
        }
        let name = text(image, "name").unwrap_or(&image.name);
        let Some((release, edition)) = in_image_name(name) else { continue };
        sign(found, "image_name", name, Confidence::Medium);
        found.release = found.release.take().or(release);
        found.edition = found.edition.take().or(edition);
    }
}

/// Release and edition in the name of an image that says SQL Server.
fn in_image_name(name: &str) -> Option<(Option<String>, Option<String>)> {
    let parts: Vec<&str> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let place = parts.iter().position(|part| {
        let part = part.to_lowercase();
        part == "sql" || part.starts_with("sqlserver") || part == "mssql"
    })?;
    let behind = parts.get(place + 1..).unwrap_or_default();
    let is_release =
        |part: &&&str| part.len() == 4 && part.starts_with("20") && part.parse::<u32>().is_ok();
    let release = behind.iter().take(3).find(is_release).map(|part| (*part).to_owned());
    Some((release, edition_in(&behind.join(" ")).map(str::to_owned)))
}

/// Tags that say it; `sql` alone says so only on Windows, since other databases have it in their
/// names.
fn by_tags(fact: &EntityFact, found: &mut SqlServer) {
    let is_windows = is_windows(fact);
    let says = |word: &str| {
        let word = word.to_lowercase();
        let parts: Vec<&str> = word.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
        let is_full = parts.iter().any(|part| matches!(*part, "mssql" | "sqlserver"))
            || parts.windows(2).any(|pair| pair == ["sql", "server"]);
        is_full || (is_windows && parts.contains(&"sql"))
    };
    for (name, value) in &fact.labels {
        if says(name) && !matches!(value.to_lowercase().as_str(), "false" | "no" | "none")
            || says(value)
        {
            sign(found, "tag", format!("{name}={value}"), Confidence::Low);
            return;
        }
    }
}

fn by_traffic(estate: &Estate, instance: u32, found: &mut SqlServer) {
    for relation in estate.to(instance).filter(|one| matches!(one.kind, R::Calls | R::ConnectsTo)) {
        let says = |name: &str| relation.properties.get(name).and_then(Value::as_str);
        let endpoint = says("endpoint").unwrap_or_default();
        let number = relation.properties.get("port").and_then(Value::as_u64);
        let is_port = number == Some(u64::from(PORT)) || endpoint.ends_with(&format!(":{PORT}"));
        let system = says("db_system").or(says("db.system")).unwrap_or_default();
        if !is_port && !matches!(system, "mssql" | "microsoft.sql_server") {
            continue;
        }
        let from = if estate.is_outside(relation.from) {
            "a client"
        } else {
            estate.entity(relation.from).name.as_str()
        };
        let (verb, confidence) = if relation.is_observed() {
            ("talks to", Confidence::High)
        } else {
            ("names", Confidence::Medium)
        };
        sign(found, "traffic", format!("{from} {verb} port {PORT}"), confidence);
        return;
    }
}

/// Whether a machine runs Windows, by what AWS says of it.
pub(super) fn is_windows(fact: &EntityFact) -> bool {
    text(fact, "platform").is_some_and(|platform| platform.eq_ignore_ascii_case("windows"))
        || text(fact, "platform_details").is_some_and(|details| details.starts_with("Windows"))
}

/// Why it cannot be told whether a machine runs SQL Server; `None` for nodes of a cluster and for
/// machines that do not run.
pub(super) fn undetermined(estate: &Estate, instance: u32) -> Option<&'static str> {
    let fact = estate.entity(instance);
    let is_node =
        estate.near(instance, R::RunsOn).any(|one| estate.entity(one).kind == K::KubernetesNode);
    if is_node || !is_windows(fact) {
        return None;
    }
    Some(match text(fact, "usage_operation") {
        Some("RunInstances:0800") => {
            "Windows under the customer's own licence; so may SQL Server be"
        }
        Some(_) => {
            "Windows without SQL Server in its price; SQL Server may run under the customer's \
                    own licence"
        }
        None => "Windows whose billing code was not exported",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::{EstateFacts, EstateRelation};
    use serde_json::json;

    fn machine(properties: Value, labels: &[(&str, &str)]) -> EntityFact {
        let mut fact = EntityFact::new(K::Instance, "i-1", "i-1");
        fact.properties = serde_json::from_value(properties).unwrap();
        fact.labels =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        fact
    }

    fn found(fact: EntityFact) -> Option<SqlServer> {
        let estate = Estate::new(EstateFacts { entities: vec![fact], ..EstateFacts::default() });
        of(&estate, 0)
    }

    #[test]
    fn every_published_code_gives_its_edition() {
        for (codes, edition) in [
            (["0006", "0004", "0014", "1014"].as_slice(), "Standard"),
            (["0102", "0100", "0110", "1110"].as_slice(), "Enterprise"),
            (["0202", "0200", "0210"].as_slice(), "Web"),
        ] {
            for code in codes {
                let operation = format!("RunInstances:{code}");
                assert_eq!(edition_of_code(&operation), Some(edition), "{operation}");
                // Spot adds a suffix.
                assert_eq!(edition_of_code(&format!("{operation}:SV006")), Some(edition));
            }
        }
        for other in [
            "RunInstances",
            "RunInstances:0002",
            "RunInstances:0800",
            "RunInstances:0010:SV006",
            "RunInstances:00060",
        ] {
            assert_eq!(edition_of_code(other), None, "{other}");
        }
    }

    #[test]
    fn a_code_and_a_name_that_agree_are_certain() {
        let host = machine(
            json!({"usage_operation": "RunInstances:0006",
                   "platform_details": "Windows with SQL Server Standard", "platform": "windows"}),
            &[],
        );
        let found = found(host).unwrap();
        assert_eq!(found.confidence(), Confidence::Certain);
        assert_eq!(found.edition.as_deref(), Some("Standard"));
        assert!(found.is_licence_included);
    }

    #[test]
    fn a_platform_may_name_two_licences() {
        let details = "Red Hat Enterprise Linux with SQL Server Enterprise and HA";
        let host = machine(json!({"platform_details": details}), &[]);
        let found = found(host).unwrap();
        assert_eq!(
            (found.edition.as_deref(), found.confidence()),
            (Some("Enterprise"), Confidence::High)
        );
    }

    #[test]
    fn windows_without_a_sign_is_neither_accused_nor_cleared() {
        let host = |operation: &str| {
            machine(
                json!({"usage_operation": operation, "platform_details": "Windows",
                       "platform": "windows"}),
                &[("Name", "web-front")],
            )
        };
        for operation in ["RunInstances:0002", "RunInstances:0800"] {
            assert_eq!(found(host(operation)), None);
            let estate = Estate::new(EstateFacts {
                entities: vec![host(operation)],
                ..EstateFacts::default()
            });
            assert!(undetermined(&estate, 0).is_some());
        }
        let linux = machine(json!({"platform_details": "Linux/UNIX"}), &[("Name", "mysql-1")]);
        assert_eq!(found(linux.clone()), None);
        let estate = Estate::new(EstateFacts { entities: vec![linux], ..EstateFacts::default() });
        assert_eq!(undetermined(&estate, 0), None);
    }

    #[test]
    fn tags_and_image_names_are_weaker_signs() {
        let tagged = machine(json!({"platform": "windows"}), &[("Name", "reports-sql")]);
        assert_eq!(found(tagged).unwrap().confidence(), Confidence::Low);
        let linux = machine(json!({"platform_details": "Linux/UNIX"}), &[("role", "mssql")]);
        assert_eq!(found(linux).unwrap().confidence(), Confidence::Low);
        assert_eq!(
            in_image_name("Windows_Server-2022-English-Full-SQL_2019_Standard-2024.05.15"),
            Some((Some("2019".into()), Some("Standard".into())))
        );
        assert_eq!(in_image_name("Windows_Server-2022-English-Full-Base-2024.05.15"), None);
        assert_eq!(in_image_name("mysql-8-hardened"), None);
    }

    #[test]
    fn an_image_tells_what_the_machine_does_not() {
        let mut image = machine(
            json!({"usage_operation": "RunInstances:0102",
                   "platform_details": "Windows with SQL Server Enterprise"}),
            &[],
        );
        (image.kind, image.id) = (K::Image, "ami-1".into());
        let host = machine(json!({"platform": "windows"}), &[]);
        let facts = EstateFacts {
            entities: vec![image, host],
            relations: vec![EstateRelation::new(1, R::UsesImage, 0)],
            ..EstateFacts::default()
        };
        let found = of(&Estate::new(facts), 1).unwrap();
        assert_eq!(
            (found.edition.as_deref(), found.confidence()),
            (Some("Enterprise"), Confidence::Certain)
        );
    }

    #[test]
    fn traffic_to_its_port_shows_a_bring_your_own_licence() {
        let client = EntityFact::new(K::Service, "s", "ledger");
        let host = machine(json!({"usage_operation": "RunInstances:0800"}), &[]);
        let mut relation = EstateRelation::new(0, R::Calls, 1);
        relation.evidence = vec![model::kind::Evidence::Observed];
        relation.properties.insert("endpoint".into(), json!("10.0.0.7:1433"));
        let facts = EstateFacts {
            entities: vec![client, host],
            relations: vec![relation],
            ..EstateFacts::default()
        };
        let found = of(&Estate::new(facts), 1).unwrap();
        assert_eq!(found.confidence(), Confidence::High);
        assert!(!found.is_licence_included);
        assert_eq!(found.signs[0].detail, "ledger talks to port 1433");
    }
}
