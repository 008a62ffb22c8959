//! Carries the plan out: account by account, chapter by chapter, region by region, slot by slot.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result};

use crate::calendar::{DAY, SLOT, day_weight, hour_weight, split};
use crate::callers::Who;
use crate::delivery::Delivery;
use crate::manifest::Counts;
use crate::model::Model;
use crate::options::Options;
use crate::places::REGIONS;
use crate::plan::{Cost, Plan, worlds};
use crate::random::Random;
use crate::record::Record;
use crate::stories::{STORIES, tell};
use crate::traffic::Traffic;
use crate::world::World;

const SLOTS: i64 = DAY / SLOT;

/// Everyday traffic of each day of each account and region.
struct Shares {
    ecs: Vec<u64>,
    other: Vec<u64>,
    days: usize,
    regions: usize,
}

impl Shares {
    fn new(options: &Options, everyday: Cost) -> Self {
        let mut random = Random::new(options.seed, &["shares"]);
        let mut weights = Vec::new();
        for account in 0..options.accounts {
            let account_weight = 60 + 100 / (account as u64 + 1);
            for region in 0..options.regions {
                let region_weight = if region == 0 { 100 } else { 55 / region as u64 + 5 };
                for day in 0..options.days {
                    let weekday = day_weight(options.span().0 + day * DAY);
                    let luck = 850 + random.below(300);
                    weights.push(account_weight * region_weight * weekday * luck);
                }
            }
        }
        Self {
            ecs: split(everyday.ecs, &weights),
            other: split(everyday.other, &weights),
            days: usize::try_from(options.days).unwrap_or(1),
            regions: options.regions,
        }
    }

    fn of(&self, account: usize, region: usize, day: i64) -> Cost {
        let day = usize::try_from(day).unwrap_or_default();
        let position = (account * self.regions + region) * self.days + day;
        Cost { ecs: self.ecs[position], other: self.other[position] }
    }
}

/// One region while its trail is written.
struct Region {
    delivery: Delivery,
    traffic: Traffic,
    random: Random,
    offset_hours: i64,
}

/// Writes the trail and its stories; returns the counts.
pub(crate) fn write(options: &Options, plan: &Plan, model: &Model) -> Result<Counts> {
    fs::create_dir_all(&options.to)
        .with_context(|| format!("cannot create {}", options.to.display()))?;
    let file =
        fs::File::create(options.to.join("stories.jsonl")).context("cannot write stories")?;
    let mut lines = std::io::BufWriter::new(file);
    let shares = Shares::new(options, plan.everyday);
    let mut counts = Counts::default();
    for account in 0..options.accounts {
        let (mut worlds, mut abroad) = worlds(options, account);
        let open = |world: &World, offset_hours: i64| Region {
            delivery: Delivery::new(options, &world.account, &world.region),
            traffic: Traffic::new(options.seed, world),
            random: Random::new(options.seed, &["rhythm", &world.account, &world.region]),
            offset_hours,
        };
        let mut regions: Vec<Region> =
            worlds.iter().zip(REGIONS).map(|(world, (_, offset))| open(world, offset)).collect();
        let mut strays = open(&abroad, 0);
        for (chapter, span) in plan.chapters.iter().enumerate() {
            let mut planned: Vec<Vec<Record>> = worlds.iter().map(|_| Vec::new()).collect();
            let mut stray = Vec::new();
            for (region, world) in worlds.iter_mut().enumerate() {
                for setting in plan.settings(options.seed, account, chapter, region) {
                    let told = tell(world, &mut abroad, options.seed, setting);
                    *counts.stories.entry(STORIES[setting.story].0).or_default() += 1;
                    writeln!(lines, "{}", told.line).context("cannot write stories")?;
                    let [here, there] = told.records;
                    planned[region].extend(here);
                    stray.extend(there);
                }
            }
            tour(options, plan, model, (account, *span), &worlds, &mut planned);
            for (region, records) in planned.into_iter().enumerate() {
                let share = |day| shares.of(account, region, day);
                let (world, region) = (&mut worlds[region], &mut regions[region]);
                region.write(world, *span, options.span().0, records, &share, &mut counts)?;
            }
            stray.sort_by_key(|record| record.time);
            for record in stray {
                strays.delivery.take(record, &mut counts)?;
            }
        }
        for region in regions {
            region.delivery.finish(&mut counts)?;
        }
        strays.delivery.finish(&mut counts)?;
    }
    lines.flush().context("cannot write stories")?;
    Ok(counts)
}

/// Calls each operation of ECS that no story used.
fn tour(
    options: &Options,
    plan: &Plan,
    model: &Model,
    (account, (start, end)): (usize, (i64, i64)),
    worlds: &[World],
    planned: &mut [Vec<Record>],
) {
    for (position, name) in plan.tour.iter().enumerate() {
        let (of_account, region, time) = plan.tour_stop(options, position);
        if of_account != account || !(start..end).contains(&time) {
            continue;
        }
        let world = &worlds[region];
        let mut random = Random::new(options.seed, &["tour", name]);
        let time = time + random.between(0, 240);
        let who = match name.as_str() {
            "DiscoverPollEndpoint" | "SubmitAttachmentStateChanges" => {
                Who::Agent(&world.instances[0].ec2)
            }
            _ => [
                Who::Shell("paulo"),
                Who::Console("akua"),
                Who::Java("PlatformTour", "platform-tour"),
                Who::Node("PlatformPortal", "portal"),
            ][random.position(4)],
        };
        let call = model.call(name, world, time, &mut random);
        let place = (world.account.as_str(), world.region.as_str());
        let caller = world.caller(who, time);
        planned[region].push(Record::new(call, &caller, place, time, &mut random));
    }
}

impl Region {
    /// Writes the days of a chapter: planned records among everyday ones, in the order of time.
    fn write(
        &mut self,
        world: &mut World,
        (start, end): (i64, i64),
        first_day: i64,
        mut planned: Vec<Record>,
        share: &dyn Fn(i64) -> Cost,
        counts: &mut Counts,
    ) -> Result<()> {
        planned.sort_by_key(|record| record.time);
        let mut planned = planned.into_iter().peekable();
        let mut day = start;
        while day < end {
            let cost = share((day - first_day) / DAY);
            // Where little happens, it happens together.
            let busy = cost.ecs + cost.other + 24;
            let weights: Vec<u64> = (0..SLOTS)
                .map(|slot| {
                    let weight = hour_weight(day + slot * SLOT, self.offset_hours);
                    let luck = 500 + self.random.below(1000);
                    let quiet = self.random.below(3 * SLOTS.unsigned_abs()) > busy;
                    if quiet && slot != SLOTS / 2 { 0 } else { weight * luck }
                })
                .collect();
            let slots = split(cost.ecs, &weights).into_iter().zip(split(cost.other, &weights));
            let mut slot_start = day;
            for (ecs, other) in slots {
                for (time, is_ecs) in self.times(slot_start, ecs, other) {
                    while let Some(record) = planned.next_if(|record| record.time <= time) {
                        self.delivery.take(record, counts)?;
                    }
                    let record = self.traffic.record(world, time, is_ecs);
                    self.delivery.take(record, counts)?;
                }
                slot_start += SLOT;
            }
            day += DAY;
        }
        for record in planned {
            self.delivery.take(record, counts)?;
        }
        Ok(())
    }

    fn times(&mut self, start: i64, ecs: u64, other: u64) -> Vec<(i64, bool)> {
        let mut times: Vec<(i64, bool)> = (0..ecs + other)
            .map(|position| (start + self.random.between(0, SLOT - 1), position < ecs))
            .collect();
        times.sort_unstable();
        times
    }
}
