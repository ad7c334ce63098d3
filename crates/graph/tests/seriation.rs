//! Spectral orders against eigenvectors found by another method, and where the order is known.

use graph::{Tie, seriation};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest,
};

/// Eigenvalues and unit eigenvectors of a symmetric matrix, smallest first, by plane rotations (Jacobi
/// 1846).
fn eigen(mut a: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let n = a.len();
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..60 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = if theta < 0.0 { -1.0 } else { 1.0 }
                    / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in a.iter_mut().chain(v.iter_mut()) {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (above, below) = a.split_at_mut(q);
                for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> =
        (0..n).map(|k| (a[k][k], (0..n).map(|i| v[i][k]).collect())).collect();
    found.sort_by(|x, y| x.0.total_cmp(&y.0));
    found
}

fn laplacian(part: &[u32], ties: &[Tie]) -> Vec<Vec<f64>> {
    let n = part.len();
    let mut l = vec![vec![0.0; n]; n];
    let place = |row: u32| part.iter().position(|other| *other == row);
    for tie in ties.iter().filter(|tie| tie.a != tie.b) {
        if let (Some(a), Some(b)) = (place(tie.a), place(tie.b)) {
            l[a][a] += tie.weight;
            l[b][b] += tie.weight;
            l[a][b] -= tie.weight;
            l[b][a] -= tie.weight;
        }
    }
    l
}

fn cases() -> impl Strategy<Value = (u32, Vec<Tie>)> {
    (1_u32..12).prop_flat_map(|rows| {
        let tie = (0..rows, 0..rows, 1_u32..50).prop_map(|(a, b, weight)| Tie {
            a,
            b,
            weight: f64::from(weight),
        });
        (Just(rows), prop::collection::vec(tie, 0..26))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn parts_follow_the_second_eigenvector((rows, ties) in cases()) {
        let found = seriation(rows, &ties);
        let mut all = found.order.clone();
        all.sort_unstable();
        prop_assert_eq!(all, (0..rows).collect::<Vec<u32>>());
        prop_assert_eq!(found.parts.iter().sum::<u32>(), rows);
        prop_assert!(found.parts.is_sorted_by(|a, b| a >= b));
        let turned: Vec<Tie> = ties.iter().map(|tie| Tie { a: tie.b, b: tie.a, ..*tie }).collect();
        prop_assert_eq!(&seriation(rows, &turned), &found);
        let mut from = 0;
        for count in &found.parts {
            let order = &found.order[from..from + *count as usize];
            from += *count as usize;
            let mut part = order.to_vec();
            part.sort_unstable();
            // It is a connected part: no tie leaves it, and one eigenvalue only is 0.
            for tie in &ties {
                prop_assert_eq!(part.contains(&tie.a), part.contains(&tie.b));
            }
            let eigen = eigen(laplacian(&part, &ties));
            prop_assert!(part.len() < 2 || eigen[1].0 > 1e-9);
            if part.len() < 3 || eigen[2].0 - eigen[1].0 < 1e-6 {
                continue;
            }
            let mut vector = eigen[1].1.clone();
            let most = vector.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
            let first = vector.iter().copied().find(|value| value.abs() > 1e-7 * most);
            if first.is_some_and(|value| value > 0.0) {
                vector.iter_mut().for_each(|value| *value = -*value);
            }
            let value = |row: &u32| vector[part.iter().position(|other| other == row).unwrap()];
            for pair in order.windows(2) {
                let (a, b) = (value(&pair[0]), value(&pair[1]));
                // Equal ones stand by row.
                prop_assert!(a < b + 1e-9, "{a} {b}");
                prop_assert!(b - a > 1e-9 || pair[0] < pair[1], "{a} {b} {pair:?}");
            }
        }
    }
}

#[test]
fn a_scattered_chain_is_put_in_order() {
    // Row k of the chain is at (k · 89) mod 300, which hits each place once.
    let at = |k: u32| k * 89 % 300;
    let ties: Vec<Tie> = (1..300).map(|k| Tie { a: at(k - 1), b: at(k), weight: 3.0 }).collect();
    let chain: Vec<u32> = (0..300).map(at).collect();
    assert_eq!(seriation(300, &ties).order, chain);
}

#[test]
fn two_groups_with_a_thin_link_stand_apart() {
    // Even rows talk to even rows, odd to odd, and one pair across; what is alone comes last.
    let mut ties = vec![Tie { a: 4, b: 5, weight: 1.0 }];
    for a in 0..20 {
        for b in (a + 2..20).step_by(2) {
            ties.push(Tie { a, b, weight: 100.0 });
        }
    }
    let found = seriation(23, &ties);
    assert_eq!(found.parts, [20, 1, 1, 1]);
    let is_even: Vec<bool> = found.order[..20].iter().map(|row| row % 2 == 0).collect();
    assert_eq!(is_even, [vec![true; 10], vec![false; 10]].concat());
    assert_eq!(found.order[20..], [20, 21, 22]);
}

#[test]
fn what_is_no_tie_ties_nothing() {
    let tie = |a, b, weight| Tie { a, b, weight };
    let ties = [tie(0, 9, 1.0), tie(0, 1, 0.0), tie(1, 2, f64::NAN), tie(2, 2, 4.0)];
    assert_eq!(seriation(3, &ties).parts, [1, 1, 1]);
    assert_eq!(seriation(0, &[]).order, [0_u32; 0]);
}
