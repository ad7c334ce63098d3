//! Published vectors: dpkg's and rpm's own tests, semver.org, PEP 440, Maven's version order
//! specification, Alpine's version list.

use std::cmp::Ordering;

use super::VersionRules as R;

/// `a < b`, `a = b` or `a > b` a line.
fn holds(rules: R, lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [a, sign, b] = parts[..] else { panic!("{line}") };
        let expected = match sign {
            "<" => Ordering::Less,
            ">" => Ordering::Greater,
            _ => Ordering::Equal,
        };
        assert_eq!(rules.compare(a, b), expected, "{rules:?}: {line}");
        assert_eq!(rules.compare(b, a), expected.reverse(), "{rules:?}: {line}, the other way");
    }
}

/// Each is earlier than the next.
fn rises(rules: R, list: &str) {
    let all: Vec<&str> = list.split_whitespace().collect();
    for (place, a) in all.iter().enumerate() {
        for b in &all[place + 1..] {
            assert_eq!(rules.compare(a, b), Ordering::Less, "{rules:?}: {a} < {b}");
        }
    }
}

#[test]
fn debian() {
    holds(
        R::Debian,
        "1.0-1 = 1.0-1
         0:1.0-1 = 1.0-1
         1.0 = 1.0-0
         1:0.1 > 9.9
         1.0~rc1-1 < 1.0-1
         1.0~~ < 1.0~
         1.0 < 1.0a
         1.0a < 1.0+
         1.2.3 < 1.2.3-1
         4.4-5 < 4.4-5+deb9u1
         1.1.0k-1~deb9u1 < 1.1.0l-1~deb9u1
         2.36-9+deb12u3 < 2.36-9+deb12u4
         2.36-9+deb12u4 < 2.36-9+deb12u10
         1.18.36 > 1.18.4
         7.6p2-4 > 7.6-0
         1.0.3-3 > 1.0-1
         0-pre < 0-pree
         1.1.6r2-2 > 1.1.6r-1
         2.6b2-1 > 2.6b-2
         98.1p5-1 < 98.1-pre2-b6-2",
    );
}

#[test]
fn rpm() {
    holds(
        R::Rpm,
        "1.0 = 1.0
         1.0 < 2.0
         2.0.1 > 2.0
         2.0.1a > 2.0.1
         5.5p1 < 5.5p2
         5.5p10 > 5.5p1
         10xyz < 10.1xyz
         xyz10 < xyz10.1
         xyz.4 < 8
         5.5p2 < 5.6p1
         6.0.rc1 > 6.0
         10b2 > 10a1
         1.0aa > 1.0a
         10.0001 = 10.1
         10.0001 < 10.0039
         4.999.9 < 5.0
         20101122 > 20101121
         2_0 = 2.0
         a+ = a_
         1.0~rc1 < 1.0
         1.0~rc1 < 1.0~rc2
         1.0~rc1~git123 < 1.0~rc1
         1.0^ > 1.0
         1.0^git1 < 1.0^git2
         1.0^git1 < 1.01
         1.0^20160101 < 1.0.1
         1.0~rc1^git1 > 1.0~rc1
         1.0^git1~pre < 1.0^git1
         1:1.0-1 > 2.0-1
         7.61.1-9.amzn2.0.1 < 7.61.1-12.amzn2.0.1
         4.2.46-31.el7 < 4.2.46-34.el7",
    );
}

#[test]
fn apk() {
    holds(
        R::Apk,
        "2.34 > 0.1.0_alpha
         0.1.0_alpha = 0.1.0_alpha
         0.1.0_alpha < 0.1.3_alpha
         0.1.0_alpha2 > 0.1.0_alpha
         2.2.39-r1 > 1.0.4-r3
         1.0.4-r3 < 1.0.4-r4
         1.0.4-r4 < 1.6
         0.9.28-r3 > 0.9.28-r2
         1.3_alpha < 1.3.1
         1.3_rc2 < 1.3
         6.0_p1 > 6.0
         6.0_pre1 < 6.0
         1.1.1c-r0 < 1.1.1d-r0
         1.1.1d-r0 < 1.1.1d-r2
         1.2.2_pre2 < 1.2.2
         3.0_beta1 > 3.0_alpha9",
    );
}

#[test]
fn semantic() {
    rises(
        R::Semantic,
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 \
         1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 2.0.0",
    );
    holds(
        R::Semantic,
        "1.0.0+build = 1.0.0
         v1.2.3 = 1.2.3
         1.2 = 1.2.0
         v0.0.0-20190101000000-abcdefabcdef < v0.0.0-20200101000000-abcdefabcdef
         6.0.2.1 < 6.0.3.1
         6.0.3.1 > 5.2.4.3",
    );
}

#[test]
fn python() {
    rises(
        R::Python,
        "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 \
         1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 \
         1.0.post456.dev34 1.0.post456 1.1.dev1 1.1 1!0.1",
    );
    holds(
        R::Python,
        "1.0 = 1.0.0
         1.0-1 = 1.0.post1
         1.0ALPHA1 = 1.0a1
         1.0.r4 = 1.0.post4
         1.0c1 = 1.0rc1
         v2.31.0 < 2.32.0",
    );
}

#[test]
fn maven() {
    rises(
        R::Maven,
        "1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123 \
         1-snapshot 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123",
    );
    rises(R::Maven, "2.0 2-1 2.0.a 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1");
    holds(
        R::Maven,
        "1 = 1.0
         1.0 = 1-0
         1-ga = 1
         1.0.final = 1
         1a1 = 1-alpha-1
         5.3.15 < 5.3.18
         2.9.1 < 2.9.10.4
         4.1.99.Final < 4.1.100.Final",
    );
}

#[test]
fn the_version_that_mends_is_the_least_that_is_later() {
    let mended = |rules: R, installed, fixed| rules.mended_by(installed, fixed);
    let gem = R::of(Some("gem"));
    assert_eq!(mended(gem, Some("6.0.2.1"), "6.0.3.1, 5.2.4.3"), Some("6.0.3.1"));
    assert_eq!(mended(gem, Some("5.2.1"), "6.0.3.1, 5.2.4.3"), Some("5.2.4.3"));
    assert_eq!(mended(gem, Some("7.0.0"), "6.0.3.1, 5.2.4.3"), None);
    assert_eq!(mended(gem, None, "6.0.3.1, 5.2.4.3"), Some("5.2.4.3"));
    assert_eq!(mended(R::Debian, Some("1"), ""), None);
    assert_eq!(R::of(Some("unheard-of")).compare("1.9", "1.10"), Ordering::Less);
}

proptest::proptest! {
    #[test]
    fn any_text_has_an_order_that_turns_around(a in ".{0,20}", b in ".{0,20}") {
        for rules in [R::Debian, R::Rpm, R::Apk, R::Semantic, R::Python, R::Maven, R::Natural] {
            proptest::prop_assert_eq!(rules.compare(&a, &b), rules.compare(&b, &a).reverse());
        }
    }
}
