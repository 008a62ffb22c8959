//! What is given to a parameter never becomes SQL, whatever its type.

use super::{Asker, PACK, RUNTIME, stride};
use crate::{
    error::Error,
    parameter::{Arguments, DefaultValue, ParameterType},
    report::Report,
};

/// Texts that would do harm if they were pasted into a query.
const ATTACKS: [&str; 9] = [
    "x' OR 1=1 --",
    "' OR ''='",
    "'; DROP TABLE events; --",
    "x') UNION SELECT event_id FROM events --",
    "$from",
    "\\' OR true --",
    "NULL",
    "%",
    "__________",
];

/// No event has anything of this.
const NOTHING: &str = "no such thing at all";

/// A value for each parameter that cannot be left out.
fn required(report: &Report) -> Arguments {
    let required = report.parameters.iter().filter(|one| one.default.is_none());
    required.map(|one| (one.name.clone(), "0".to_owned())).collect()
}

/// Whether any text is a value of this type.
fn is_free_text(kind: ParameterType) -> bool {
    matches!(kind, ParameterType::Text | ParameterType::Actor)
}

#[test]
fn a_text_is_compared_and_never_run() {
    let mut tried = 0;
    for report in PACK.catalog.reports().unwrap() {
        let texts: Vec<_> = report.parameters.iter().filter(|one| is_free_text(one.kind)).collect();
        RUNTIME.block_on(async {
            let asker = Asker::new(report, &PACK.events);
            for (number, parameter) in texts.iter().enumerate() {
                let attacks = ATTACKS.iter().skip((report.name.len() + number) % stride());
                let mut arguments = required(report);
                arguments.insert(parameter.name.clone(), NOTHING.to_owned());
                let harmless = asker.answer(&arguments).await;
                for attack in attacks.step_by(stride()) {
                    arguments.insert(parameter.name.clone(), (*attack).to_owned());
                    let answer = asker.answer(&arguments).await;
                    assert_eq!(answer, harmless, "{}, {}: {attack}", report.name, parameter.name);
                }
            }
        });
        tried += texts.len() * ATTACKS.len();
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn what_is_no_text_has_to_be_of_its_type() {
    for report in PACK.catalog.reports().unwrap() {
        let typed = report.parameters.iter().filter(|one| !is_free_text(one.kind));
        for parameter in typed {
            for attack in ATTACKS {
                let name = parameter.name.clone();
                let mut arguments = required(report);
                arguments.insert(name.clone(), attack.to_owned());
                let outcome = report.bind(&arguments, chrono::NaiveDate::MIN);
                // These may be names: they are compared like every other.
                if parameter.kind.named().is_some() && ["NULL", "__________"].contains(&attack) {
                    continue;
                }
                let is_rejected = matches!(&outcome, Err(Error::WrongValue { name: rejected, .. }) if *rejected == name);
                assert!(is_rejected, "{}, {name}: {attack}: {outcome:?}", report.name);
            }
        }
    }
}

#[test]
fn defaults_are_no_surprise() {
    for report in PACK.catalog.reports().unwrap() {
        for parameter in &report.parameters {
            let is_null = matches!(parameter.default, Some(DefaultValue::Null));
            let is_everywhere =
                ["from", "until", "region", "account"].contains(&parameter.name.as_str());
            assert!(!is_everywhere || is_null, "{}: {}", report.name, parameter.name);
        }
    }
}
