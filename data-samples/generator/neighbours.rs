//! Calls to the services next to ECS, tied to it by task ids, images, secrets and target groups.

mod compute;
mod delivery;
mod identity;
mod storage;

use crate::random::Random;
use crate::world::{Service, World};

/// What calls to neighbours are about: one service, one of its tasks, at one time.
pub(crate) struct Scene<'a> {
    pub(crate) world: &'a World,
    pub(crate) service: &'a Service,
    pub(crate) task: &'a str,
    pub(crate) time: i64,
    pub(crate) random: &'a mut Random,
}

impl Scene<'_> {
    /// Returns the private address of the task.
    fn task_address(&self) -> String {
        let mut random = self.world.stable(&["task address", self.task]);
        format!("192.0.2.{}", random.between(10, 250))
    }

    fn place(&self, source: &str, what: &str) -> String {
        format!("arn:aws:{source}:{}:{}:{what}", self.world.region, self.world.account)
    }
}
