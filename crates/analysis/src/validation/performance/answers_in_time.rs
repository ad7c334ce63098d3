//! Every question is answered within two seconds, without a cache; above ten it fails. An answer above one
//! second is asked again, and the better time counts.

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "answers_in_time",
    family: ValidationFamily::Performance,
    severity: ValidationSeverity::Major,
    title: "Answers in time",
    says: "every question is answered within 2 s without a cache",
    affects: ValidationAffected::Question,
    causes: &[],
    judge,
};

/// Target, and the time that fails, in milliseconds.
const TARGET_MS: f64 = 2_000.0;
const LIMIT_MS: f64 = 10_000.0;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement::default();
    for one in facts.answers.iter().filter(|one| one.answer.is_ok()) {
        judgement.checked += 1;
        if one.took_ms <= TARGET_MS {
            continue;
        }
        let (question, seconds) = (&one.question, one.took_ms / 1e3);
        let what = format!("{question} took {seconds:.1} s; its target is 2 s");
        let action = "ask it over a shorter window or a smaller place, or give the store more memory \
                      (`memory_limit_mib`) and threads (`duckdb_threads`)";
        let found = if one.took_ms > LIMIT_MS {
            Found::failed(what, action)
        } else {
            Found::warning(what, action)
        };
        judgement.found.push(found.about([question.as_str()]));
    }
    Ok(judgement)
}
