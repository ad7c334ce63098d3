//! Where a record of AWS is from: partition, account and region, and ARNs as their parts.

use serde_json::Value;

/// Partition, account and region, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// `aws`, `aws-cn`, `aws-us-gov`; follows from the region when nothing states it.
    pub partition: Option<String>,
    /// Twelve digits in real exports; kept as written.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
}

impl Place {
    /// The partition: stated, else that of the region, else the public one.
    pub fn partition(&self) -> &str {
        if let Some(partition) = &self.partition {
            return partition;
        }
        match self.region.as_deref() {
            Some(region) if region.starts_with("cn-") => "aws-cn",
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
            Some(region) if region.starts_with("us-iso-") => "aws-iso",
            Some(region) if region.starts_with("us-isob-") => "aws-iso-b",
            _ => "aws",
        }
    }

    /// The ARN of a resource of a regional service; `None` while account or region are not known.
    pub fn arn(&self, service: &str, resource: &str) -> Option<String> {
        let (account, region) = (self.account.as_deref()?, self.region.as_deref()?);
        Some(format!("arn:{}:{service}:{region}:{account}:{resource}", self.partition()))
    }

    /// Takes from `other` what is not known yet.
    pub fn fill(&mut self, other: &Place) {
        for (mine, theirs) in [
            (&mut self.partition, &other.partition),
            (&mut self.account, &other.account),
            (&mut self.region, &other.region),
        ] {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        }
    }

    /// The account, `?` while unknown: for keys that are unique within it.
    pub fn account_part(&self) -> &str {
        self.account.as_deref().unwrap_or("?")
    }

    /// The region, `?` while unknown.
    pub fn region_part(&self) -> &str {
        self.region.as_deref().unwrap_or("?")
    }
}

/// The parts of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// Partition.
    pub partition: &'a str,
    /// Service.
    pub service: &'a str,
    /// Region; empty for services without one.
    pub region: &'a str,
    /// Account; empty for S3 and the like.
    pub account: &'a str,
    /// The rest.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts, when it is a whole ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        (parts.next()? == "arn").then_some(())?;
        let (partition, service) = (parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (partition.starts_with("aws") && !service.is_empty() && !resource.is_empty())
            .then_some(Self { partition, service, region, account, resource })
    }

    /// The place it states.
    pub fn place(&self) -> Place {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Place {
            partition: some(self.partition),
            account: some(self.account).filter(|account| is_account(account)),
            region: some(self.region).filter(|region| region_of(region).is_some()),
        }
    }
}

/// Whether a text is an account number; samples and scrubbed exports have one digit more or fewer.
fn is_account(text: &str) -> bool {
    (11..=13).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The region that a zone's or region's name begins with: `us-east-1a`, `us-west-2-lax-1a`.
pub fn region_of(name: &str) -> Option<&str> {
    let mut parts = name.split('-');
    let area = parts.next()?;
    if area.len() != 2 || !area.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let mut length = area.len();
    for (words, part) in parts.enumerate() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            return (words > 0).then(|| name.get(..length + 1 + digits)).flatten();
        }
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        length += 1 + part.len();
    }
    None
}

/// The place that a record's own fields state: its own ARN, the owner and the zone.
pub fn stated(record: &Value, arn_fields: &[&str]) -> Place {
    let mut place = Place::default();
    for field in arn_fields {
        if let Some(arn) = record.get(field).and_then(Value::as_str).and_then(Arn::parse) {
            place.fill(&arn.place());
        }
    }
    let owner = ["OwnerId", "ownerId", "OwnerAccountId", "AwsAccountId", "registryId"]
        .iter()
        .find_map(|field| record.get(field)?.as_str().filter(|text| is_account(text)));
    if let Some(owner) = owner {
        place.account = Some(owner.to_owned());
    }
    if place.region.is_none() {
        let zones =
            ["AvailabilityZone", "PreferredAvailabilityZone", "availabilityZone", "ZoneName"];
        let zone = zones.iter().find_map(|field| record.get(field)?.as_str());
        let first = record.get("AvailabilityZones").and_then(|zones| {
            let first = zones.as_array()?.first()?;
            first.as_str().or_else(|| first.get("ZoneName")?.as_str())
        });
        let region = zone.or(first).and_then(region_of);
        place.region = region.map(str::to_owned);
    }
    place
}

/// The first account and region that any ARN in the record names, in the order of the record: a key
/// or role that the record only mentions, so it counts after what the folder says.
pub fn mentioned(record: &Value, place: &mut Place) {
    if place.account.is_some() && place.region.is_some() {
        return;
    }
    match record {
        Value::String(text) => {
            if let Some(arn) = Arn::parse(text)
                && arn.account != "aws"
            {
                place.fill(&arn.place());
            }
        }
        Value::Array(all) => all.iter().for_each(|value| mentioned(value, place)),
        Value::Object(map) => {
            for (name, value) in map {
                if !matches!(name.as_str(), "Tags" | "TagSet" | "TagList" | "tags" | "Environment")
                {
                    mentioned(value, place);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_what_a_zone_begins_with() {
        assert_eq!(region_of("us-east-1a"), Some("us-east-1"));
        assert_eq!(region_of("us-west-2-lax-1a"), Some("us-west-2"));
        assert_eq!(region_of("us-gov-west-1"), Some("us-gov-west-1"));
        assert_eq!(region_of("ap-southeast-12"), Some("ap-southeast-12"));
        for wrong in ["", "us", "us-1", "string", "eu--1", "Global", "é-é-1", "us-east-é1"] {
            assert_eq!(region_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_arn_is_taken_apart_and_what_is_cut_off_is_none() {
        let arn = Arn::parse("arn:aws-cn:rds:cn-north-1:123456789012:db:a:b").unwrap();
        assert_eq!((arn.service, arn.resource), ("rds", "db:a:b"));
        assert_eq!(arn.place().account.as_deref(), Some("123456789012"));
        assert_eq!(Arn::parse("arn:aws:ec2:ap-southeast-2:..."), None);
        assert_eq!(Arn::parse("arn:aws:s3:::bucket").unwrap().place().account, None);
        assert_eq!(Arn::parse("string"), None);
    }
}
