//! A running instance that would do its work in half its size.

use model::fact::EntityFact;
use model::kind::Confidence;
use model::money::Amount;

use super::RuleDef;
use super::idle_instance::{cpu_figures, measured};
use crate::property::text;
use crate::question::savings_candidates::cost::{
    EFFECTIVE, amount_from, currency_of, is_hours, share,
};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::saving::hour_of_class;
use crate::question::savings_candidates::shape::{Grade, SavingBasis, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "oversized_instance",
    title: "Take the next smaller size",
    about: "running instances whose CPU never passed 30 % and whose memory, where measured, never \
            40 %, so that half the size leaves room",
    needs: "CPU utilisation over the whole look-back; memory makes it more certain",
    action: SavingsAction::Change,
    effort: Grade::Medium,
    risk: Grade::Medium,
    find,
};

/// Use that half the size carries with room to spare.
pub(super) const CPU_MAX: f64 = 0.30;
pub(super) const MEMORY_MAX: f64 = 0.40;
/// What is idle is another rule's.
const CPU_IDLE: f64 = 0.05;

/// Sizes that halve from one to the next, falling.
const SIZES: [&str; 14] = [
    "48xlarge", "24xlarge", "12xlarge", "32xlarge", "16xlarge", "8xlarge", "4xlarge", "2xlarge",
    "xlarge", "large", "medium", "small", "micro", "nano",
];

fn find(case: &Case<'_>) -> Found {
    measured(case, |case, instance, cpu, ordinal| {
        if !(CPU_IDLE..CPU_MAX).contains(&cpu.max) {
            return None;
        }
        let memory = case.facts.usages.of(&instance.id, "memory_utilization_ratio");
        if memory.is_some_and(|memory| memory.max > MEMORY_MAX) {
            return None;
        }
        let class = text(instance, "instance_type")?;
        let smaller = half_of(class)?;
        let mut figures = cpu_figures(cpu);
        figures.extend(memory.map(|memory| figure("memory_max", memory.max, "1")));
        Some(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{class}: CPU at most {:.0} %; {smaller} would carry it",
                cpu.max * 100.0
            ),
            figures,
            window: Some(case.facts.look_back.window()),
            covered: match memory {
                Some(_) => Ok(()),
                None => Err("its memory was not measured".to_owned()),
            },
            plan: class_plan(case, instance, &smaller, Some(2)),
            confidence: if memory.is_some() { Confidence::Medium } else { Confidence::Low },
        })
    })
}

/// The next smaller size of a class: half of everything (`db.m6i.2xlarge` → `db.m6i.xlarge`).
pub(super) fn half_of(class: &str) -> Option<String> {
    let (family, size) = class.rsplit_once('.')?;
    let place = SIZES.iter().position(|one| *one == size)?;
    // 12xlarge has no half of one number; 24 → 12 and 16 → 8 do.
    let half = match size {
        "12xlarge" => return None,
        "32xlarge" => "16xlarge",
        _ => SIZES.get(place + 1)?,
    };
    Some(format!("{family}.{half}"))
}

/// What another class costs in the same hours: by its price in the bill of the region; else, where it
/// is one `part` of the size in the same family, by that part.
pub(super) fn class_plan(
    case: &Case<'_>,
    entity: &EntityFact,
    class: &str,
    part: Option<i128>,
) -> Plan {
    let rows = case.charges(entity);
    let hours: Vec<_> = rows.into_iter().filter(|row| is_hours(row)).collect();
    let Ok(currency) = currency_of(&hours) else {
        return Plan::Unpriced("no charge names its hours".to_owned());
    };
    if hours.iter().any(|row| row.commitment_status.is_some()) {
        let reason = "a commitment covers it; the bill falls only as far as that is used elsewhere";
        return Plan::Unpriced(reason.to_owned());
    }
    let (mut cost, mut quantity) = (Amount::ZERO, 0.0);
    for row in &hours {
        let Some(sum) = cost.checked_add(row.sums[EFFECTIVE].0) else {
            return Plan::Unpriced("its charges are out of range".to_owned());
        };
        cost = sum;
        quantity += row.quantity.0.to_f64();
    }
    let region = entity.scope.region.as_deref();
    let price = hour_of_class(case, &currency, region, class);
    if let Some(after) = price.and_then(|price| amount_from(price * quantity)) {
        if after >= cost {
            return Plan::Unpriced(format!("{class} costs no less in this bill"));
        }
        return Plan::Part {
            amount: Amount(cost.0 - after.0),
            currency,
            basis: SavingBasis::Computed,
            source: format!("the price of {class} in the bill of the same region"),
        };
    }
    match part {
        Some(part) => Plan::Part {
            amount: share(cost, part - 1, part),
            currency,
            basis: SavingBasis::Estimated,
            source: format!(
                "sizes of one family cost in proportion: 1/{part} of its hours of the month"
            ),
        },
        None => Plan::Unpriced(format!("the bill of the region shows no hour of {class}")),
    }
}

#[cfg(test)]
mod tests {
    use super::half_of;

    #[test]
    fn sizes_halve() {
        for (class, half) in [
            ("m6i.2xlarge", Some("m6i.xlarge")),
            ("db.r6g.xlarge", Some("db.r6g.large")),
            ("t3.large", Some("t3.medium")),
            ("c6i.24xlarge", Some("c6i.12xlarge")),
            ("c6i.32xlarge", Some("c6i.16xlarge")),
            ("c6i.16xlarge", Some("c6i.8xlarge")),
            ("c6i.12xlarge", None),
            ("t3.nano", None),
            ("m5.metal", None),
            ("odd", None),
        ] {
            assert_eq!(half_of(class).as_deref(), half, "{class}");
        }
    }
}
