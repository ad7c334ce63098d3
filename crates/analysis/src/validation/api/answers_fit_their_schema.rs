//! Every question that can be asked without a parameter is answered, and its answer is as its description
//! says.

use super::accepts::fault;
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "answers_fit_their_schema",
    family: ValidationFamily::Api,
    severity: ValidationSeverity::Critical,
    title: "Answers as described",
    says: "every question is answered, and as openapi.json describes it",
    affects: ValidationAffected::Question,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let mut judgement = Judgement { checked: facts.answers.len() as u64, found: Vec::new() };
    for one in &facts.answers {
        let question = &one.question;
        let (what, action) = match &one.answer {
            Err(reason) => (
                format!("{question} is not answered: {reason}"),
                format!("ask `ubiquitous ask {question}` and see the log for what failed"),
            ),
            Ok(envelope) => match fault(&one.schema, &envelope.data) {
                None => continue,
                Some(fault) => (
                    format!("the answer of {question} is not as described: {fault}"),
                    "this is a defect of the program: report it with this line".to_owned(),
                ),
            },
        };
        judgement.found.push(Found::failed(what, action).about([question.as_str()]));
    }
    Ok(judgement)
}
