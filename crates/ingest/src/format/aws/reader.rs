//! What is known while the records of one response are read, and where their entities go.

use std::collections::BTreeSet;

use model::entity::{Labels, Presence, RelationObservation};
use model::kind::Confidence;
use model::series::{Point, SeriesObservation, SeriesType};
use model::{EntityKind, EntityObservation, Micros, Reference, RelationKind};
use serde_json::Value;

use super::place::{self, Place, region_of};
use super::thing::Thing;
use crate::input::Out;
use crate::key;

/// The records of one response.
pub struct Reader<'a, 'o> {
    out: &'a mut Out<'o>,
    /// Place that the folder or the flags give.
    pub base: Place,
    /// Argument of the operation, from the file's name in a folder named after the operation.
    pub argument: Option<&'a str>,
    /// When the content was true.
    pub observed_at: Micros,
    /// Top-level key that is being read.
    key: String,
    /// Position of the record in its list.
    position: usize,
    /// Zones and regions that were put out already.
    places: BTreeSet<String>,
    /// An entity that several records of the response describe.
    pending: Option<Thing>,
    has_source: bool,
    is_stopped: bool,
}

impl<'a, 'o> Reader<'a, 'o> {
    /// For the response that goes to `out`.
    pub fn new(out: &'a mut Out<'o>, base: Place, argument: Option<&'a str>) -> Self {
        let observed_at = out.batch().input.observed_at;
        Self {
            out,
            base,
            argument,
            observed_at,
            key: String::new(),
            position: 0,
            places: BTreeSet::new(),
            pending: None,
            has_source: false,
            is_stopped: false,
        }
    }

    /// Goes to the next record.
    pub fn record(&mut self, key: &str, position: usize) {
        if self.key != key {
            key.clone_into(&mut self.key);
        }
        self.position = position;
    }

    /// Whether nobody wants more.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// The place of a record: what its own fields state (the ARN among them), else the folder's or the
    /// flags', else what any ARN in it mentions.
    pub fn place(&self, record: &Value, arn_fields: &[&str]) -> Place {
        let mut place = place::stated(record, arn_fields);
        place.fill(&self.base);
        place::mentioned(record, &mut place);
        place
    }

    /// Puts an entity out.
    pub fn put(&mut self, thing: Thing) {
        self.name_source(&thing.place);
        self.entity(thing.entity);
    }

    /// Puts an entity out once all records that describe it are read: relations and properties add up.
    pub fn merged(&mut self, thing: Thing) {
        match &mut self.pending {
            Some(pending) if pending.entity.id == thing.entity.id => {
                pending.entity.properties.extend(thing.entity.properties);
                for relation in thing.entity.relations {
                    pending.relate(relation);
                }
            }
            _ => {
                self.flush();
                self.pending = Some(thing);
            }
        }
    }

    /// Puts out what [`Reader::merged`] holds.
    pub fn flush(&mut self) {
        if let Some(thing) = self.pending.take() {
            self.put(thing);
        }
    }

    fn entity(&mut self, entity: EntityObservation) {
        let count = 1 + entity.relations.len();
        self.out.batch().entities.push(entity);
        self.is_stopped |= !self.out.added(count);
    }

    /// Other observations than entities.
    pub fn batch(&mut self, put: impl FnOnce(&mut model::Batch)) {
        let base = self.base.clone();
        self.name_source(&base);
        put(self.out.batch());
        self.is_stopped |= !self.out.added(1);
    }

    /// A count that a record tells of an entity and that moves by itself, at the observation time.
    pub fn measured(&mut self, of: &Thing, metric: &str, value: f64) {
        let point = Point { at: self.observed_at, value, is_stale: false };
        let series = SeriesObservation {
            subject: of.this(),
            metric: metric.to_owned(),
            labels: Labels::new(),
            signal: None,
            signal_factor: 1.0,
            unit: Some("count".to_owned()),
            series_type: SeriesType::Gauge,
            points: vec![point],
            histograms: Vec::new(),
        };
        self.batch(|batch| batch.series.push(series));
    }

    /// A relation that no entity's record states.
    pub fn relation(&mut self, relation: RelationObservation) {
        self.batch(|batch| batch.relations.push(relation));
    }

    /// The record, or a part of it, cannot be read.
    pub fn reject(&mut self, part: &str, reason: impl Into<String>) {
        let location = format!("/{}/{}{part}", self.key, self.position);
        self.out.reject(location, reason);
    }

    /// A list, of which `count` records are not read.
    pub fn unread(&mut self, key: &str, count: u64, reason: &str) {
        let base = self.base.clone();
        self.name_source(&base);
        self.out.reject(format!("/{key}"), format!("not read yet: {reason}"));
        if let Some(reject) = self.out.batch().rejects.last_mut() {
            reject.count = count.max(1);
        }
    }

    /// Stable over time and apart for each kind of response, since two responses may say different
    /// things of one entity (a target group, and the health of its targets).
    fn name_source(&mut self, place: &Place) {
        if self.has_source {
            return;
        }
        self.has_source = true;
        let mut known = self.base.clone();
        known.fill(place);
        let (account, region) = (known.account_part(), known.region_part());
        let source = format!("aws:{account}:{region}:{}", super::record::snake_case(&self.key));
        self.out.source(&source);
    }

    /// The zone with this name or id, as a place to be in. The zone and its region are implied.
    pub fn zone(
        &mut self,
        place: &Place,
        name: Option<&str>,
        id: Option<&str>,
    ) -> Option<Reference> {
        let name = name.filter(|name| region_of(name).is_some());
        let id = id.filter(|id| !id.is_empty());
        let label = id.or(name)?;
        let account = place.account.as_deref();
        let mark = format!("{}/{label}/{}", place.account_part(), name.unwrap_or_default());
        if self.places.insert(mark) {
            let region = name.and_then(region_of).map(str::to_owned).or(place.region.clone());
            let mut zone = zone_entity(place, name, id);
            zone.entity.presence = Presence::Implied;
            if let Some(region) = region {
                self.region(place, &region);
                zone.entity.scope.region = Some(region.clone());
                zone.to(RelationKind::PlacedIn, Reference::id(key::region(&region)));
            }
            // Zones are of no account: two accounts must say the same of one.
            zone.entity.scope.account = None;
            self.name_source(place);
            self.entity(zone.entity);
        }
        match (id, name) {
            (Some(id), _) => Some(Reference::id(key::zone(id))),
            (None, Some(name)) => Some(zone_reference(account, name)),
            (None, None) => None,
        }
    }

    /// A region, implied.
    pub fn region(&mut self, place: &Place, name: &str) {
        if self.places.insert(format!("region/{name}")) {
            let mut region = EntityObservation::new(key::region(name), EntityKind::Region, name);
            region.scope.region = Some(name.to_owned());
            region.presence = Presence::Implied;
            self.name_source(place);
            self.entity(region);
        }
    }
}

/// The reference to a zone by its name.
pub fn zone_reference(account: Option<&str>, name: &str) -> Reference {
    let rule = "zone name in account";
    match account {
        Some(account) => Reference::key(rule, key::zone_name(Some(account), name)),
        None => Reference::key("zone name", key::zone_name(None, name)),
    }
}

/// A zone by its id, else under a name of its own that gives way to the id once it is known.
pub fn zone_entity(place: &Place, name: Option<&str>, id: Option<&str>) -> Thing {
    let account = place.account.as_deref();
    let known = id.map(key::zone);
    let canonical = known.clone().unwrap_or_else(|| {
        let zone = format!("{}/{}", place.account_part(), name.unwrap_or("?"));
        key::zone(&zone)
    });
    let mut zone =
        Thing::with_id(EntityKind::Zone, place, &*canonical.0, id.or(name).unwrap_or("?"));
    zone.entity.scope.zone = id.or(name).map(str::to_owned);
    if let Some(name) = name {
        let confidence = if known.is_some() { Confidence::Certain } else { Confidence::Low };
        zone.claim_with(key::zone_name(account, name), confidence);
        if account.is_some() {
            zone.claim_with(key::zone_name(None, name), Confidence::Low);
        }
    }
    zone
}
