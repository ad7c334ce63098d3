//! The same pure work on many things at once, on every core, with the results in the order of the things.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fewest things that are worth another thread.
const EACH_MIN: usize = 4;

/// What `work` gives for each place below `count`, in order. Work on a thread where waiting is allowed.
///
/// # Panics
/// When `work` does.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(count / EACH_MIN);
    if threads < 2 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let turn = || {
        let mut own = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= count {
                return own;
            }
            own.push((place, work(place)));
        }
    };
    let mut found: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(turn)).collect();
        let joined = workers.into_iter().map(thread::ScopedJoinHandle::join);
        let own = joined.map(|own| own.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        own.flatten().collect()
    });
    found.sort_unstable_by_key(|one| one.0);
    found.into_iter().map(|one| one.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_nothing_is_done_twice() {
        for count in [0, 1, 3, 8, 1_000] {
            let done = AtomicUsize::new(0);
            let found = in_parallel(count, |place| {
                done.fetch_add(1, Ordering::Relaxed);
                place * place
            });
            assert_eq!(found, (0..count).map(|place| place * place).collect::<Vec<_>>());
            assert_eq!(done.load(Ordering::Relaxed), count);
        }
    }
}
