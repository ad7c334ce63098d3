//! What test programs print, counted: libtest and libtest-mimic, vitest, node's own runner, and
//! a bare closing line of ours.

/// Tests by outcome.
#[derive(Clone, Default, Debug)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and stages that did not finish.
    pub failed: u64,
    /// Names of what failed, where the program prints them.
    pub failed_names: Vec<String>,
    /// Names of what was skipped, each with its reason where it states one.
    pub skipped_names: Vec<String>,
    /// Skipped tests that were counted but not named.
    skipped_unnamed: u64,
}

impl Counts {
    /// Tests that were skipped.
    pub fn skipped(&self) -> u64 {
        self.skipped_names.len() as u64 + self.skipped_unnamed
    }

    /// Adds one failure.
    pub fn fail(&mut self, name: &str) {
        self.failed += 1;
        self.failed_names.push(name.into());
    }

    /// Adds one skip; the name holds the reason.
    pub fn skip(&mut self, name: &str) {
        self.skipped_names.push(name.into());
    }

    /// Adds another count to this one.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped_unnamed += other.skipped_unnamed;
        self.failed_names.extend(other.failed_names.iter().cloned());
        self.skipped_names.extend(other.skipped_names.iter().cloned());
    }

    /// Turns every skip that CI does not allow into a failure. Allowed are an absent data set and
    /// a server without TimescaleDB.
    pub fn fail_skips_without_leave(&mut self) {
        let names = std::mem::take(&mut self.skipped_names);
        for name in names {
            if has_leave(&name) {
                self.skip(&name);
            } else {
                self.fail(&format!("skipped under CI: {name}"));
            }
        }
        for _ in 0..std::mem::take(&mut self.skipped_unnamed) {
            self.fail("skipped under CI without a name");
        }
    }

    /// Reads one line of a test program's output.
    pub fn see(&mut self, line: &str) {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("test result: ") {
            // Skips are counted by their own lines.
            self.passed += number_before(rest, "passed");
            self.failed += number_before(rest, "failed");
        } else if let Some(rest) = line.strip_prefix("test ") {
            self.see_test(rest);
        } else if let Some(rest) = line.strip_prefix("Tests ") {
            self.see_totals(rest);
        } else if is_closing_line(line) {
            self.see_totals(line);
        } else if let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) {
            self.see_node(rest);
        }
    }

    /// `name ... ok`, as libtest prints each test.
    fn see_test(&mut self, rest: &str) {
        let Some((name, outcome)) = rest.rsplit_once(" ... ") else { return };
        let name = name.trim();
        if outcome == "FAILED" {
            self.failed_names.push(name.into());
        } else if let Some(reason) = outcome.strip_prefix("ignored") {
            self.skip(&format!("{name}{reason}"));
        }
    }

    /// `2 failed | 12 passed | 1 skipped (15)`, as vitest sums up, or our own closing line.
    fn see_totals(&mut self, rest: &str) {
        self.passed += number_before(rest, "passed");
        self.failed += number_before(rest, "failed");
        self.skipped_unnamed += number_before(rest, "skipped") + number_before(rest, "todo");
    }

    /// `pass 12`, as node's own test runner sums up.
    fn see_node(&mut self, rest: &str) {
        let mut words = rest.split_whitespace();
        let (Some(word), Some(Ok(number)), None) =
            (words.next(), words.next().map(str::parse::<u64>), words.next())
        else {
            return;
        };
        match word {
            "pass" => self.passed += number,
            "fail" | "cancelled" => self.failed += number,
            "skipped" | "todo" => self.skipped_unnamed += number,
            _ => {}
        }
    }
}

fn has_leave(name: &str) -> bool {
    name.contains("TimescaleDB") || (name.contains("data set") && name.contains("absent"))
}

/// The number in front of a word: 12 in `2 failed | 12 passed`; 0 where the word is not.
fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        text.split([' ', ';', '|', ',', '.']).filter(|w| !w.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

/// `N passed, N failed`, perhaps with `, N skipped`, and nothing else.
fn is_closing_line(line: &str) -> bool {
    let mut expected = ["passed", "failed", "skipped"].iter();
    let parts: Vec<&str> = line.split(", ").collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| {
            part.split_once(' ').is_some_and(|(number, word)| {
                number.parse::<u64>().is_ok() && Some(&word) == expected.next()
            })
        })
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn counts(text: &str) -> Counts {
        let mut counts = Counts::default();
        text.lines().for_each(|line| counts.see(line));
        counts
    }

    #[test]
    fn libtest_and_libtest_mimic_are_counted_with_names() {
        let found = counts(
            "running 4 tests\n\
             test fast ... ok\n\
             test estate [skipped: data set kubernetes is absent] ... ignored\n\
             test slow ... ignored, needs a day\n\
             test wrong  ... FAILED\n\
             test result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out\n",
        );
        assert_eq!((found.passed, found.failed, found.skipped()), (1, 1, 2));
        assert_eq!(found.failed_names, ["wrong"]);
        assert_eq!(found.skipped_names[1], "slow, needs a day");
    }

    #[test]
    fn ci_allows_only_absent_data_sets_and_timescaledb() {
        let mut found = counts(
            "test a [skipped: data set cost is absent] ... ignored\n\
             test b [skipped: TimescaleDB is not installed] ... ignored\n\
             test c [skipped: no Neo4j] ... ignored\n",
        );
        found.fail_skips_without_leave();
        assert_eq!((found.failed, found.skipped()), (1, 2));
    }

    #[test]
    fn vitest_node_and_our_own_closing_line_are_counted() {
        let found = counts(
            " Test Files  3 passed (3)\n\
             \x20     Tests  2 failed | 12 passed | 1 skipped (15)\n",
        );
        assert_eq!((found.passed, found.failed, found.skipped()), (12, 2, 1));
        let found = counts("ℹ tests 5\nℹ pass 4\nℹ fail 1\n# skipped 0\n");
        assert_eq!((found.passed, found.failed, found.skipped()), (4, 1, 0));
        let found = counts("7 passed, 0 failed\n8 passed, 1 failed, 2 skipped\n");
        assert_eq!((found.passed, found.failed, found.skipped()), (15, 1, 2));
    }

    #[test]
    fn prose_about_tests_is_not_counted() {
        let found = counts("all 3 passed, none failed\n# pass the salt\ntest of the reader\n");
        assert_eq!((found.passed, found.failed, found.skipped()), (0, 0, 0));
    }
}
