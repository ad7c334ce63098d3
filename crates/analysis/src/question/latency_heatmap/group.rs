//! What the rows of the matrix are: services, or groups of them.

use std::collections::BTreeMap;

use model::kind::EntityKind;

use super::params::HeatmapGrouping;
use crate::estate::Estate;
use crate::zone::{Zones, zones};

/// Zones of what was asked for, worked out once each.
#[derive(Debug)]
pub(super) struct Places<'a> {
    estate: &'a Estate,
    known: BTreeMap<u32, Zones>,
}

impl<'a> Places<'a> {
    /// Of an estate.
    pub fn new(estate: &'a Estate) -> Self {
        Self { estate, known: BTreeMap::new() }
    }

    /// The one zone that something runs in, if it is known to run in one only.
    pub fn zone(&mut self, ordinal: u32) -> Option<String> {
        let estate = self.estate;
        let zones = self.known.entry(ordinal).or_insert_with(|| zones(estate, ordinal));
        zones.only().map(str::to_owned)
    }

    /// Key and name of the row that something belongs to; `None` when it has no such group.
    pub fn group(&mut self, ordinal: u32, by: HeatmapGrouping) -> Option<(String, String)> {
        let entity = self.estate.entity(ordinal);
        let same = |text: &String| (text.clone(), text.clone());
        match by {
            HeatmapGrouping::Service => Some((entity.id.clone(), entity.name.clone())),
            HeatmapGrouping::Namespace => {
                let namespace = entity.scope.namespace.as_ref()?;
                let cluster = entity.scope.cluster.as_ref();
                let key = cluster.map_or_else(|| namespace.clone(), |c| format!("{c}/{namespace}"));
                let name = entity.cluster_name.as_ref().or(cluster);
                Some((key, name.map_or_else(|| namespace.clone(), |c| format!("{c}/{namespace}"))))
            }
            HeatmapGrouping::Application => {
                let id = entity.application.as_ref()?;
                let name = self.estate.find(id).map(|one| self.estate.entity(one).name.clone());
                Some((id.clone(), name.unwrap_or_else(|| id.clone())))
            }
            HeatmapGrouping::Zone => self.zone(ordinal).as_ref().map(same),
            HeatmapGrouping::Cluster => {
                let cluster = entity.scope.cluster.as_ref()?;
                let name = entity.cluster_name.as_ref().unwrap_or(cluster);
                Some((cluster.clone(), name.clone()))
            }
        }
    }
}

/// Whether something is a row of a matrix of services: the ends of calls, and every service.
pub(super) fn is_service(estate: &Estate, ordinal: u32) -> bool {
    estate.entity(ordinal).kind == EntityKind::Service
}
