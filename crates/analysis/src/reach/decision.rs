//! What one part of a path says, and how parts of the same kind go together.

/// What rules that were read say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// They allow it.
    Allow,
    /// They may allow it; what is not known.
    Maybe(Vec<String>),
    /// They deny it, and how.
    Deny(String),
}

impl Decision {
    /// Something is not known.
    pub(super) fn maybe(missing: impl Into<String>) -> Self {
        Self::Maybe(vec![missing.into()])
    }

    /// Of alternatives any of which is enough, the best.
    pub(super) fn any(all: impl Iterator<Item = Self>, denied: impl Into<String>) -> Self {
        let mut missing: Option<Vec<String>> = None;
        for one in all {
            match one {
                Self::Allow => return Self::Allow,
                Self::Maybe(reasons) => missing.get_or_insert_default().extend(reasons),
                Self::Deny(_) => {}
            }
        }
        missing.map_or_else(|| Self::Deny(denied.into()), Self::Maybe)
    }

    /// Of places one of which is the right one, without knowing which: what all of them say.
    pub(super) fn one_of(all: impl Iterator<Item = Self>, which: &str) -> Self {
        let mut missing: Vec<String> = Vec::new();
        let mut denied: Option<String> = None;
        let mut has_other = false;
        for one in all {
            match one {
                Self::Allow => has_other = true,
                Self::Maybe(reasons) => {
                    has_other = true;
                    missing.extend(reasons);
                }
                Self::Deny(reason) => denied = Some(reason),
            }
        }
        match denied {
            Some(reason) if !has_other => return Self::Deny(reason),
            Some(_) => missing.push(which.to_owned()),
            None => {}
        }
        if missing.is_empty() { Self::Allow } else { Self::Maybe(missing) }
    }

    /// Both are needed.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Deny(reason), _) | (_, Self::Deny(reason)) => Self::Deny(reason),
            (Self::Maybe(mut one), Self::Maybe(other)) => {
                one.extend(other);
                Self::Maybe(one)
            }
            (Self::Maybe(one), Self::Allow) | (Self::Allow, Self::Maybe(one)) => Self::Maybe(one),
            (Self::Allow, Self::Allow) => Self::Allow,
        }
    }
}
