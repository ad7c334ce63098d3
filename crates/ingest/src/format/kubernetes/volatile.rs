//! What changes all the time and is therefore no tracked property: it opens no version of an entity.

/// Fields that are not kept, with the reason. Fields that are not on the list and not read by this
/// format either are simply unknown to it.
pub const VOLATILE: &[(&str, &str)] = &[
    ("metadata.resourceVersion", "changes with every write"),
    ("metadata.generation", "counts writes of the specification"),
    ("metadata.managedFields", "book-keeping of field managers"),
    ("metadata.selfLink", "repeats the id"),
    (
        "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
        "repeats the object, secrets included",
    ),
    ("status.observedGeneration", "book-keeping of controllers"),
    ("status.conditions[].lastHeartbeatTime", "a heartbeat"),
    ("status.conditions[].lastProbeTime", "a probe time"),
    ("status.conditions[].lastUpdateTime", "a heartbeat"),
    ("status.conditions[].lastTransitionTime", "the condition's own change opens the version"),
    ("status.conditions[].message", "free text with changing numbers"),
    ("status.images", "the node's image cache"),
    ("status.volumesInUse", "follows the pods"),
    ("status.currentMetrics", "a measured value"),
    ("status.lastScaleTime", "an event's time"),
    ("Lease", "a heartbeat of a node or a leader"),
    ("Endpoints metadata.annotations", "leader elections renew them every few seconds"),
];

/// Kinds that hold nothing but heartbeats; they are counted as read and not kept.
pub const VOLATILE_KINDS: &[&str] =
    &["Lease", "ControllerRevision", "TokenReview", "ComponentStatus"];
