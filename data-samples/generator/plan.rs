//! What is told where and when, so that the counts asked for are met exactly.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{DAY, HOUR, MINUTE};
use crate::model::Model;
use crate::options::Options;
use crate::places::{REGIONS, UNUSUAL_REGIONS, account};
use crate::random::Random;
use crate::stories::{STORIES, Setting, Told, tell};
use crate::world::World;

/// A chapter is about a month; each tells the stories anew, of other services.
const CHAPTER_DAYS: i64 = 30;

/// Counts of records: of ECS, of its neighbours.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) ecs: u64,
    pub(crate) other: u64,
}

impl Cost {
    fn of(told: &Told) -> Self {
        let mut cost = Self::default();
        for record in told.records.iter().flatten() {
            *(if record.is_ecs() { &mut cost.ecs } else { &mut cost.other }) += 1;
        }
        cost
    }

    fn and(self, more: Self) -> Self {
        Self { ecs: self.ecs + more.ecs, other: self.other + more.other }
    }

    fn fits(self, budget: Self) -> bool {
        self.ecs <= budget.ecs && self.other <= budget.other
    }
}

/// The plan of a trail.
pub(crate) struct Plan {
    /// First second and end of each chapter.
    pub(crate) chapters: Vec<(i64, i64)>,
    /// Stories by account, chapter and region.
    chosen: BTreeMap<(usize, usize, usize), BTreeSet<usize>>,
    /// Operations that no story uses, each to be called once.
    pub(crate) tour: Vec<String>,
    /// What everyday traffic has to fill.
    pub(crate) everyday: Cost,
    /// Stories that had no room anywhere.
    pub(crate) untold: Vec<&'static str>,
    /// What it takes to tell each story once and call each operation.
    pub(crate) least: Cost,
}

impl Plan {
    pub(crate) fn new(options: &Options, model: &Model) -> Self {
        let budget =
            Cost { ecs: options.ecs_events(), other: options.events - options.ecs_events() };
        let chapters = chapters(options);
        let (costs, used) = rehearse(options, &chapters);
        let mut tour: Vec<String> =
            model.names().filter(|name| !used.contains(*name)).map(str::to_owned).collect();
        let once = Cost { ecs: tour.len() as u64, other: 0 };
        let least = costs.iter().fold(once, |sum, cost| sum.and(*cost));
        tour.truncate(usize::try_from(budget.ecs).unwrap_or(usize::MAX));
        let mut plan = Self {
            chapters,
            chosen: BTreeMap::new(),
            tour,
            everyday: Cost::default(),
            untold: Vec::new(),
            least,
        };
        plan.choose(options, budget, &costs);
        let told = plan.told(options);
        plan.everyday = Cost {
            ecs: budget.ecs.saturating_sub(told.ecs),
            other: budget.other.saturating_sub(told.other),
        };
        plan
    }

    /// Each story once, then all of them everywhere while they leave room for everyday traffic.
    fn choose(&mut self, options: &Options, budget: Cost, costs: &[Cost]) {
        let worlds = options.accounts * options.regions;
        let place = |world: usize, chapter: usize| {
            (world / options.regions, chapter, world % options.regions)
        };
        let mut spent = Cost { ecs: self.tour.len() as u64, other: 0 };
        for (story, cost) in costs.iter().enumerate() {
            if spent.and(*cost).fits(budget) {
                spent = spent.and(*cost);
                let place = place(story % worlds, story % self.chapters.len());
                self.chosen.entry(place).or_default().insert(story);
            } else {
                self.untold.push(STORIES[story].0);
            }
        }
        let room = Cost { ecs: budget.ecs * 7 / 10, other: budget.other * 6 / 10 };
        for (story, cost) in costs.iter().enumerate() {
            for chapter in 0..self.chapters.len() {
                for world in 0..worlds {
                    let stories = self.chosen.entry(place(world, chapter)).or_default();
                    if !stories.contains(&story) && spent.and(*cost).fits(room) {
                        spent = spent.and(*cost);
                        stories.insert(story);
                    }
                }
            }
        }
    }

    /// Counts what the chosen stories and the tour come to, by telling them all.
    fn told(&self, options: &Options) -> Cost {
        let mut sum = Cost { ecs: self.tour.len() as u64, other: 0 };
        for account in 0..options.accounts {
            let (mut worlds, mut abroad) = worlds(options, account);
            for chapter in 0..self.chapters.len() {
                for (region, world) in worlds.iter_mut().enumerate() {
                    for setting in self.settings(options.seed, account, chapter, region) {
                        let told = tell(world, &mut abroad, options.seed, setting);
                        sum = sum.and(Cost::of(&told));
                    }
                }
            }
        }
        sum
    }

    /// Returns the stories of a chapter in one account and region, in the order of time.
    pub(crate) fn settings(
        &self,
        seed: u64,
        account: usize,
        chapter: usize,
        region: usize,
    ) -> Vec<Setting> {
        let Some(stories) = self.chosen.get(&(account, chapter, region)) else {
            return Vec::new();
        };
        let path = [account, chapter, region].map(|position| position.to_string());
        let mut random = Random::new(seed, &["settings", path[0].as_str(), &path[1], &path[2]]);
        let (start, end) = self.chapters[chapter];
        // Working hours of all days, one after the other.
        let window = 11 * HOUR;
        let step = (end - start) / DAY * window / i64::try_from(stories.len()).unwrap_or(1).max(1);
        let mut at = 0;
        stories
            .iter()
            .map(|&story| {
                let passed = at + random.between(0, (step / 3).min(2 * HOUR));
                at += step;
                let day = start + passed / window * DAY;
                let working = day + 7 * HOUR + passed % window;
                // Thieves come when nobody is there.
                let late = day + 22 * HOUR + passed % (25 * MINUTE);
                let start = if STORIES[story].0 == "intrusion" { late } else { working };
                Setting { chapter, story, start }
            })
            .collect()
    }

    /// Returns when and where the tour calls its operations: account, region, time.
    pub(crate) fn tour_stop(&self, options: &Options, position: usize) -> (usize, usize, i64) {
        let worlds = options.accounts * options.regions;
        let world = position % worlds;
        let step = options.days * 8 * HOUR / i64::try_from(self.tour.len()).unwrap_or(1).max(1);
        let passed = step * i64::try_from(position).unwrap_or_default();
        let day = options.span().0 + passed / (8 * HOUR) * DAY;
        (world / options.regions, world % options.regions, day + 9 * HOUR + passed % (8 * HOUR))
    }
}

/// Makes an account's worlds: its regions, and the one that it does not work in.
pub(crate) fn worlds(options: &Options, position: usize) -> (Vec<World>, World) {
    let account = account(position);
    let start = options.span().0;
    let make = |region: &str| World::new(options.seed, &account, region, start);
    let worlds = REGIONS[..options.regions].iter().map(|(region, _)| make(region)).collect();
    (worlds, make(UNUSUAL_REGIONS[position % UNUSUAL_REGIONS.len()]))
}

fn chapters(options: &Options) -> Vec<(i64, i64)> {
    let (start, _) = options.span();
    let count = ((options.days + CHAPTER_DAYS / 2) / CHAPTER_DAYS).max(1);
    let edge = |chapter: i64| start + options.days * chapter / count * DAY;
    (0..count).map(|chapter| (edge(chapter), edge(chapter + 1))).collect()
}

/// Tells each story once, to learn what it costs and which operations it uses.
fn rehearse(options: &Options, chapters: &[(i64, i64)]) -> (Vec<Cost>, BTreeSet<String>) {
    let (mut worlds, mut abroad) = worlds(options, 0);
    let mut used = BTreeSet::new();
    let costs = (0..STORIES.len())
        .map(|story| {
            let setting = Setting { chapter: 0, story, start: chapters[0].0 };
            let told = tell(&mut worlds[0], &mut abroad, options.seed, setting);
            let records = told.records.iter().flatten();
            used.extend(
                records.filter(|record| record.is_ecs()).map(|record| record.name.to_string()),
            );
            Cost::of(&told)
        })
        .collect();
    (costs, used)
}
