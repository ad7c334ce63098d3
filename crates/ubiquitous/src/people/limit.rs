//! How many logins may be tried: of one account from one address, of one account, and from one address.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use model::time::Micros;

/// The time over which tries are counted.
const WINDOW_SECS: i64 = 15 * 60;
/// Tries of one account from one address.
const PAIR_MAX: u32 = 10;
/// Tries of one account from anywhere.
const ACCOUNT_MAX: u32 = 100;
/// Tries from one address, whatever the account.
const ADDRESS_MAX: u32 = 100;
/// Counts that are kept at once; what is new beyond is refused.
const COUNTS_MAX: usize = 20_000;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Pair(String, Option<IpAddr>),
    Account(String),
    Address(Option<IpAddr>),
}

#[derive(Debug, Clone, Copy)]
struct Count {
    tries: u32,
    since: Micros,
}

/// The counts of this process.
#[derive(Debug, Default)]
pub struct LoginLimit {
    counts: Mutex<BTreeMap<Key, Count>>,
}

impl LoginLimit {
    /// Takes one try before it is made, so that tries at once count too; else says how many seconds to wait.
    pub fn take(&self, name: &str, address: Option<IpAddr>, now: Micros) -> Result<(), i64> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let window = WINDOW_SECS * Micros::SECOND;
        let is_over = |count: &Count| now.0 >= count.since.0.saturating_add(window);
        let keys = keys(name, address);
        let mut wait = 0;
        for (key, most) in &keys {
            if let Some(count) = counts.get(key).filter(|count| !is_over(count))
                && count.tries >= *most
            {
                let left = count.since.0.saturating_add(window) - now.0;
                wait = wait.max(left / Micros::SECOND + 1);
            }
        }
        if wait == 0 && counts.len() + keys.len() > COUNTS_MAX {
            counts.retain(|_, count| !is_over(count));
            let is_full = counts.len() + keys.len() > COUNTS_MAX;
            if is_full && keys.iter().any(|(key, _)| !counts.contains_key(key)) {
                wait = WINDOW_SECS;
            }
        }
        if wait > 0 {
            return Err(wait);
        }
        for (key, _) in keys {
            let count = counts.entry(key).or_insert(Count { tries: 0, since: now });
            if is_over(count) {
                *count = Count { tries: 0, since: now };
            }
            count.tries += 1;
        }
        Ok(())
    }

    /// Gives back the try that was right.
    pub fn give_back(&self, name: &str, address: Option<IpAddr>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let [pair, account, from] = keys(name, address);
        counts.remove(&pair.0);
        for (key, _) in [account, from] {
            if let Some(count) = counts.get_mut(&key) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }
}

fn keys(name: &str, address: Option<IpAddr>) -> [(Key, u32); 3] {
    let address = address.map(network);
    [
        (Key::Pair(name.to_owned(), address), PAIR_MAX),
        (Key::Account(name.to_owned()), ACCOUNT_MAX),
        (Key::Address(address), ADDRESS_MAX),
    ]
}

/// Of IPv6 the first half: one customer has all of the rest.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
        },
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Micros {
        Micros(secs * Micros::SECOND)
    }

    #[test]
    fn ten_thousand_tries_are_a_hundred() {
        let limit = LoginLimit::default();
        let address = Some("203.0.113.9".parse().unwrap());
        let taken = (0..10_000)
            .filter(|number| limit.take(&format!("a{}", number % 997), address, at(0)).is_ok())
            .count();
        assert_eq!(taken, 100);
        let limit = LoginLimit::default();
        let taken = (0..10_000).filter(|_| limit.take("anna", address, at(1)).is_ok()).count();
        assert_eq!(taken, 10);
        // Another address still logs in, and the first one too once the time is over.
        assert_eq!(limit.take("anna", Some("203.0.113.10".parse().unwrap()), at(1)), Ok(()));
        assert_eq!(limit.take("anna", address, at(2)), Err(WINDOW_SECS));
        assert_eq!(limit.take("anna", address, at(1 + WINDOW_SECS)), Ok(()));
    }

    #[test]
    fn many_addresses_share_the_account_and_a_network_is_one() {
        let limit = LoginLimit::default();
        let taken = (0_u32..10_000)
            .filter(|number| {
                let address = Some(IpAddr::V4((0x0a00_0000 + number).into()));
                limit.take("anna", address, at(0)).is_ok()
            })
            .count();
        assert_eq!(taken, 100);
        let limit = LoginLimit::default();
        let taken = (0_u128..1_000)
            .filter(|number| {
                let address = IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) + number));
                limit.take("anna", Some(address), at(0)).is_ok()
            })
            .count();
        assert_eq!(taken, 10);
    }

    #[test]
    fn what_is_right_counts_for_nothing() {
        let limit = LoginLimit::default();
        for _ in 0..1_000 {
            assert_eq!(limit.take("anna", None, at(0)), Ok(()));
            limit.give_back("anna", None);
        }
    }
}
