//! Ranges of addresses of both families.

use std::net::IpAddr;

/// A range of addresses as `10.0.0.0/16`, `2001:db8::/32` or a single address writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    is_v6: bool,
    first: u128,
    last: u128,
}

impl Cidr {
    /// Every address of IPv4.
    pub const EVERY_V4: Self = Self { is_v6: false, first: 0, last: u32::MAX as u128 };
    /// Every address of IPv6.
    pub const EVERY_V6: Self = Self { is_v6: true, first: 0, last: u128::MAX };

    /// Reads a range; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (is_v6, bits, value) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(four) => (false, 32, u128::from(u32::from(four))),
            IpAddr::V6(six) => (true, 128, u128::from(six)),
        };
        let length = length.unwrap_or(bits);
        if length > bits {
            return None;
        }
        let free = bits - length;
        let mask = if free == 128 { u128::MAX } else { (1_u128 << free) - 1 };
        let first = value & !mask;
        Some(Self { is_v6, first, last: first | mask })
    }

    /// Whether all of the other range lies in it.
    pub fn holds(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.first && other.last <= self.last
    }

    /// Whether any address lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.last && other.first <= self.last
    }

    /// How many addresses it has; for prefix comparison of routes, fewer is more specific.
    pub fn size(&self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    /// Whether it is of IPv6.
    pub fn is_v6(&self) -> bool {
        self.is_v6
    }
}

/// How ranges cover the places where something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// Wherever it is, one of the ranges holds it.
    All,
    /// It may be in one.
    Part,
    /// It is in none.
    None,
}

/// How a range covers the addresses of a seat: it is at one of them, in either family.
pub(super) fn cover(range: &Cidr, addresses: &[Cidr]) -> Cover {
    let of_family = || addresses.iter().filter(|one| one.is_v6 == range.is_v6);
    if of_family().any(|one| range.overlaps(one)) {
        if of_family().all(|one| range.holds(one)) { Cover::All } else { Cover::Part }
    } else {
        Cover::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cidr(text: &str) -> Cidr {
        Cidr::parse(text).unwrap()
    }

    #[test]
    fn ranges_are_read_in_both_families() {
        assert_eq!(cidr("0.0.0.0/0"), Cidr::EVERY_V4);
        assert_eq!(cidr("::/0"), Cidr::EVERY_V6);
        assert!(cidr("10.0.0.0/16").holds(&cidr("10.0.255.255")));
        assert!(!cidr("10.0.0.0/16").holds(&cidr("10.1.0.0")));
        assert!(!Cidr::EVERY_V4.holds(&cidr("2001:db8::1")));
        // Host bits are of no matter.
        assert_eq!(cidr("10.0.3.7/16"), cidr("10.0.0.0/16"));
        assert_eq!(cidr("10.0.0.0/16").size(), 65_536);
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/-1", "::/129", "/8"] {
            assert_eq!(Cidr::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_cover_is_whole_only_when_every_place_is_in_it() {
        let subnet = [cidr("10.0.1.0/24")];
        assert_eq!(cover(&cidr("10.0.0.0/16"), &subnet), Cover::All);
        assert_eq!(cover(&cidr("10.0.1.64/26"), &subnet), Cover::Part);
        assert_eq!(cover(&cidr("10.0.2.0/24"), &subnet), Cover::None);
        assert_eq!(cover(&cidr("::/0"), &subnet), Cover::None);
        assert_eq!(cover(&cidr("10.0.0.0/16"), &[]), Cover::None);
    }

    proptest! {
        // A range holds an address exactly when their first bits are equal.
        #[test]
        fn holding_is_equal_prefixes(base: u32, address: u32, length in 0_u32..=32) {
            let range = cidr(&format!("{}/{length}", std::net::Ipv4Addr::from(base)));
            let one = cidr(&std::net::Ipv4Addr::from(address).to_string());
            let equal = length == 0 || base >> (32 - length) == address >> (32 - length);
            prop_assert_eq!(range.holds(&one), equal);
            prop_assert_eq!(range.overlaps(&one), equal);
        }
    }
}
