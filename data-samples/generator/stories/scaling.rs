//! Services are scaled: by a person, by autoscaling, to nothing.

use super::{Tale, number};
use crate::callers::Who;

fn scale(tale: &mut Tale<'_>, who: Who<'_>, about: (&str, &str), desired: u64, says: &str) {
    tale.world.service(about.0, about.1).scale(desired, &mut tale.random);
    tale.update(who, about, &[("desiredCount", number(desired))], says);
}

pub(super) fn by_person(tale: &mut Tale<'_>) {
    let name = tale.cast[1].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    tale.poll(Who::Console("saanvi"), about, 1);
    let before = tale.world.service(about.0, about.1).desired;
    scale(
        tale,
        Who::Console("saanvi"),
        about,
        before + 4,
        &format!("scales from {before} to {}", before + 4),
    );
    tale.wait(600, 1100);
    scale(tale, Who::Shell("saanvi"), about, before, &format!("scales back to {before}"));
    tale.fact("desired_before", &before);
    tale.fact("desired_peak", &(before + 4));
    tale.fact("scaled_by", "saanvi@example.com");
}

pub(super) fn by_autoscaling(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let before = tale.world.service(about.0, about.1).desired;
    let mut steps = vec![before];
    for desired in [before + 1, before + 3, before + 1, before] {
        let call = tale.beside(about, "", |scene| scene.describe_alarms());
        tale.call(Who::Autoscaling, call, "looks at its alarms");
        tale.poll(Who::Autoscaling, about, 1);
        scale(tale, Who::Autoscaling, about, desired, &format!("scales to {desired}"));
        steps.push(desired);
        tale.wait(300, 600);
    }
    tale.fact("desired_counts", &steps);
}

/// A person turns a service off overnight and on again.
pub(super) fn to_zero(tale: &mut Tale<'_>) {
    let name = tale.cast[2].clone();
    let about = ("staging", name.as_str());
    tale.about(about.0, about.1);
    let before = tale.world.service(about.0, about.1).desired;
    scale(tale, Who::Console("nikki"), about, 0, "turns the service off");
    tale.wait(1800, 3000);
    scale(tale, Who::Console("nikki"), about, before.max(1), "turns it on again");
    tale.fact("desired_before", &before);
    tale.fact("scaled_to_zero_by", "nikki@example.com");
}
