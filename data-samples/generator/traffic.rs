//! Everyday traffic: what monitors, agents, pipelines and services do all day around the stories.

mod changes;
mod ecs;

use std::collections::BTreeMap;

use crate::callers::{Caller, Who, service_event};
use crate::neighbours::Scene;
use crate::random::Random;
use crate::record::{Call, Record};
use crate::world::{Service, World};

/// How many records are about the same few things before attention moves on.
const ATTENTION: u32 = 80;

/// How often a call to a neighbour is repeated at once: weight, from, to.
const RUNS: [(u64, (i64, i64)); 4] = [(60, (0, 0)), (20, (1, 3)), (14, (4, 14)), (6, (15, 50))];

/// Kinds of everyday callers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Exporter,
    Inventory,
    Backend,
    Portal,
    Backup,
    Agent,
    Person,
    Shell,
    Reader,
    GitHub,
    Terraform,
    CodePipeline,
    CloudFormation,
    Autoscaling,
    Ecs,
    Tasks,
    Execution,
    Task,
    Rule,
    Trail,
    Scaling,
    Registry,
    Keys,
    Logs,
    Config,
}

/// Everyday traffic of one world.
pub(crate) struct Traffic {
    random: Random,
    /// Names of the services in view.
    services: Vec<(String, String)>,
    tasks: Vec<String>,
    person: &'static str,
    callers: BTreeMap<(Kind, usize), Caller>,
    attention: u32,
    seen: i64,
    /// Revisions that were registered and wait to be deployed.
    registered: Vec<(String, String, u64, Kind)>,
    /// The call that is repeated just now, and how often it still is.
    run: Option<((Kind, usize, Make), i64)>,
}

impl Traffic {
    pub(crate) fn new(seed: u64, world: &World) -> Self {
        Self {
            random: Random::new(seed, &["traffic", &world.account, &world.region]),
            services: Vec::new(),
            tasks: Vec::new(),
            person: "maria",
            callers: BTreeMap::new(),
            attention: 0,
            seen: 0,
            registered: Vec::new(),
            run: None,
        }
    }

    /// Makes the next record, of ECS or of a neighbour.
    pub(crate) fn record(&mut self, world: &mut World, time: i64, is_ecs: bool) -> Record {
        if self.attention == 0 || time - self.seen > 600 {
            self.look_around(world, time);
        }
        self.attention -= 1;
        let (kind, task, call) =
            if is_ecs { self.ecs_call(world, time) } else { self.neighbour_call(world, time) };
        let caller = self.caller(world, kind, task, time).clone();
        let place = (world.account.as_str(), world.region.as_str());
        Record::new(call, &caller, place, time, &mut self.random)
    }

    /// Turns to other services, tasks and people.
    fn look_around(&mut self, world: &World, time: i64) {
        self.attention = ATTENTION;
        self.seen = time;
        self.callers.clear();
        let known: Vec<&Service> = world.services.values().collect();
        self.services.clear();
        self.tasks.clear();
        for _ in 0..3 {
            let service = *self.random.pick(&known);
            self.services.push((service.cluster.clone(), service.name.clone()));
            // Some tasks live long, others come and go.
            let task = match service.tasks.as_slice() {
                [] => self.random.hex(32),
                _ if self.random.chance(500) => self.random.hex(32),
                tasks => self.random.pick(tasks).clone(),
            };
            self.tasks.push(task);
        }
        self.person = self.random.pick(&crate::places::PEOPLE).0;
    }

    fn caller(&mut self, world: &World, kind: Kind, view: usize, time: i64) -> &Caller {
        let name = &self.services[view].1;
        let task = &self.tasks[view];
        let person = self.person;
        self.callers.entry((kind, view)).or_insert_with(|| {
            let role = format!("{name}-task");
            let random = &mut self.random;
            let session = format!("botocore-session-{}", 1_777_000_000 + random.below(900_000));
            let instance =
                format!("i-{}", world.stable(&["fleet", &random.below(40).to_string()]).hex(17));
            let who = match kind {
                Kind::Exporter => Who::Go("ops-exporter", &instance),
                Kind::Inventory => Who::Python(
                    random.pick::<&str>(&["inventory", "CostReport", "BatchRunner", "scanner"]),
                    &session,
                ),
                Kind::Backend => Who::Java("fleet-manager", &instance),
                Kind::Portal => Who::Node("PlatformPortal", "portal"),
                Kind::Backup => Who::User(random.pick::<&str>(&[
                    "deploy",
                    "monitoring",
                    "backup",
                    "audit",
                    "ci-runner",
                ])),
                Kind::Agent => Who::Agent(&random.pick(&world.instances).ec2),
                Kind::Person => Who::Console(person),
                Kind::Shell => Who::Shell(person),
                Kind::Reader => Who::Reader(person),
                Kind::GitHub => Who::GitHub,
                Kind::Terraform => Who::Terraform,
                Kind::CodePipeline => Who::CodePipeline,
                Kind::CloudFormation => Who::CloudFormation,
                Kind::Autoscaling => Who::Autoscaling,
                Kind::Ecs => Who::Ecs,
                Kind::Tasks => Who::Service("ecs-tasks.amazonaws.com"),
                Kind::Execution => Who::Task("ecsTaskExecutionRole", task),
                Kind::Task => Who::Task(&role, task),
                Kind::Rule => Who::Rule(name),
                Kind::Trail => Who::Service("cloudtrail.amazonaws.com"),
                Kind::Scaling => Who::Service("autoscaling.amazonaws.com"),
                Kind::Logs => Who::Service("delivery.logs.amazonaws.com"),
                Kind::Config => Who::Service("config.amazonaws.com"),
                Kind::Registry | Kind::Keys => {
                    let host = if kind == Kind::Keys { "kms" } else { "ecr" };
                    return service_event(&world.account, host);
                }
            };
            world.caller(who, time)
        })
    }

    fn neighbour_call(&mut self, world: &mut World, time: i64) -> (Kind, usize, Call) {
        let view = self.random.position(self.services.len());
        let reader = *self.random.weighted(&[
            (30, Kind::Exporter),
            (30, Kind::Inventory),
            (12, Kind::Backend),
            (8, Kind::Portal),
            (8, Kind::Backup),
            (6, Kind::Person),
            (6, Kind::Reader),
        ]);
        let (kind, view, make) = match self.run.take() {
            Some((run, left)) if left > 0 => {
                self.run = Some((run, left - 1));
                run
            }
            _ => {
                let execution = self.random.chance(600);
                let (kind, make) = *self.random.weighted(&choices(reader, execution));
                let (low, high) = *self.random.weighted(&RUNS);
                self.run = Some(((kind, view, make), self.random.between(low, high)));
                (kind, view, make)
            }
        };
        let (cluster, name) = self.services[view].clone();
        let service = world.service(&cluster, &name).clone();
        let own_task = matches!(kind, Kind::Task | Kind::Execution) || self.random.chance(400);
        let task = if own_task { self.tasks[view].clone() } else { self.random.hex(32) };
        let mut scene =
            Scene { world, service: &service, task: &task, time, random: &mut self.random };
        (kind, view, make(&mut scene))
    }
}

type Make = fn(&mut Scene<'_>) -> Call;

/// Returns what neighbours are asked, by weight; some by whoever reads just then.
fn choices(reader: Kind, execution: bool) -> [(u64, (Kind, Make)); 52] {
    let starting: (Kind, Make) = if execution {
        (Kind::Tasks, |scene| scene.assume_task_role("ecsTaskExecutionRole"))
    } else {
        (Kind::Tasks, |scene| {
            let role = scene.service.task_role.clone();
            scene.assume_task_role(&role)
        })
    };
    [
        (72, (Kind::Task, |scene| scene.get_object())),
        (34, (Kind::Task, |scene| scene.put_object())),
        (52, (Kind::Logs, |scene| scene.put_object())),
        (22, (Kind::Task, |scene| scene.head_object())),
        (20, (Kind::Task, |scene| scene.list_objects())),
        (75, (Kind::Trail, |scene| scene.bucket_acl("example-cloudtrail-logs"))),
        (
            20,
            (reader, |scene| {
                let bucket = scene.bucket();
                scene.bucket_acl(&bucket)
            }),
        ),
        (6, (reader, |scene| scene.list_buckets())),
        (110, starting),
        (22, (reader, |scene| scene.caller_identity())),
        (45, (Kind::Execution, |scene| scene.decrypt())),
        (12, (Kind::Task, |scene| scene.data_key())),
        (45, (Kind::Logs, |scene| scene.data_key())),
        (14, (Kind::Config, |scene| scene.role())),
        (10, (Kind::Task, |scene| scene.decrypt())),
        (1, (Kind::Keys, |scene| scene.rotated_key())),
        (30, (Kind::Execution, |scene| scene.secret_value())),
        (14, (Kind::Task, |scene| scene.secret_value())),
        (14, (Kind::Execution, |scene| scene.parameters())),
        (4, (Kind::Task, |scene| scene.control_channel())),
        (26, (reader, |scene| scene.describe_instances())),
        (10, (Kind::Terraform, |scene| scene.describe_subnets())),
        (16, (reader, |scene| scene.describe_interfaces())),
        (26, (Kind::Ecs, |scene| scene.create_interface())),
        (20, (Kind::Ecs, |scene| scene.delete_interface())),
        (18, (Kind::Execution, |scene| scene.registry_token())),
        (28, (Kind::Execution, |scene| scene.pull_image())),
        (42, (Kind::Execution, |scene| scene.pull_layer())),
        (10, (Kind::GitHub, |scene| scene.check_layers())),
        (
            4,
            (Kind::GitHub, |scene| {
                let tag = scene.random.hex(10);
                scene.push_image(&tag)
            }),
        ),
        (1, (Kind::Registry, |scene| scene.expired_image())),
        (32, (Kind::Ecs, |scene| scene.target_health())),
        (14, (Kind::Ecs, |scene| scene.register_targets())),
        (13, (Kind::Ecs, |scene| scene.deregister_targets())),
        (8, (reader, |scene| scene.load_balancers())),
        (34, (Kind::Execution, |scene| scene.log_stream())),
        (12, (reader, |scene| scene.log_groups())),
        (9, (reader, |scene| scene.scaling_groups())),
        (3, (Kind::Autoscaling, |scene| scene.set_capacity())),
        (8, (Kind::Ecs, |scene| scene.discovery(true))),
        (7, (Kind::Ecs, |scene| scene.discovery(false))),
        (8, (Kind::CloudFormation, |scene| scene.function())),
        (14, (reader, |scene| scene.describe_stacks())),
        (10, (reader, |scene| scene.describe_alarms())),
        (8, (reader, |scene| scene.scalable_targets())),
        (22, (Kind::Task, |scene| scene.get_item())),
        (5, (Kind::CodePipeline, |scene| scene.deployment_state())),
        (6, (reader, |scene| scene.describe_table())),
        (7, (reader, |scene| scene.role())),
        (5, (Kind::Terraform, |scene| scene.role_policies())),
        (1, (Kind::Terraform, |scene| scene.changed_policy())),
        (8, (Kind::Scaling, |scene| scene.describe_instances())),
    ]
}
