//! One account in one region: its network, services, tasks and instances, with ids that last.

use std::collections::BTreeMap;

use crate::json::{Json, object};
use crate::places::EVERYDAY_SERVICES;
use crate::random::Random;

/// A service of ECS and the task definition family of the same name.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) cluster: String,
    pub(crate) name: String,
    /// The revision that the service runs.
    pub(crate) revision: u64,
    /// The newest revision of the family.
    pub(crate) newest: u64,
    pub(crate) desired: u64,
    pub(crate) running: u64,
    pub(crate) version: u64,
    pub(crate) deployment: String,
    pub(crate) deployed: i64,
    /// The deployment before, while the newest is under way.
    pub(crate) previous: Option<(String, u64, i64)>,
    pub(crate) created: i64,
    pub(crate) created_by: String,
    pub(crate) executes: bool,
    pub(crate) cpu: u64,
    pub(crate) memory: u64,
    pub(crate) task_role: String,
    pub(crate) port: u64,
    pub(crate) target_group: String,
    pub(crate) tasks: Vec<String>,
    pub(crate) status: &'static str,
}

/// A container instance.
#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) ec2: String,
}

/// One account in one region.
pub(crate) struct World {
    seed: u64,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) start: i64,
    pub(crate) subnets: Vec<String>,
    pub(crate) security_group: String,
    pub(crate) network_id: String,
    pub(crate) services: BTreeMap<(String, String), Service>,
    pub(crate) instances: Vec<Instance>,
}

impl World {
    pub(crate) fn new(seed: u64, account: &str, region: &str, start: i64) -> Self {
        let mut random = Random::new(seed, &["world", account, region]);
        let mut world = Self {
            seed,
            account: account.to_owned(),
            region: region.to_owned(),
            start,
            subnets: (0..3).map(|_| format!("subnet-{}", random.hex(17))).collect(),
            security_group: format!("sg-{}", random.hex(17)),
            network_id: format!("vpc-{}", random.hex(17)),
            services: BTreeMap::new(),
            instances: (0..6)
                .map(|_| Instance { id: random.hex(32), ec2: format!("i-{}", random.hex(17)) })
                .collect(),
        };
        for (cluster, name) in EVERYDAY_SERVICES {
            world.service(cluster, name);
        }
        world
    }

    /// Opens the stream of a thing of this world: always the same values for the same thing.
    pub(crate) fn stable(&self, thing: &[&str]) -> Random {
        let place = [self.account.as_str(), self.region.as_str()];
        Random::new(self.seed, &[&place, thing].concat())
    }

    /// As `stable`, for what an account has in all its regions.
    pub(crate) fn stable_in_account(&self, thing: &[&str]) -> Random {
        Random::new(self.seed, &[&[self.account.as_str()], thing].concat())
    }

    /// Returns a service; one that was never heard of has existed since before the trail began.
    pub(crate) fn service(&mut self, cluster: &str, name: &str) -> &mut Service {
        let key = (cluster.to_owned(), name.to_owned());
        if !self.services.contains_key(&key) {
            let mut random = self.stable(&["service", cluster, name]);
            let revision = random.below(60) + 3;
            let created = self.start - random.between(20, 400) * 86_400 - random.between(0, 86_399);
            let deployed = self.start - random.between(3_600, 900_000);
            let desired = random.below(4) + 2;
            let size = *random.pick(&[(256, 512), (512, 1024), (1024, 2048), (2048, 4096)]);
            let service = Service {
                cluster: cluster.to_owned(),
                name: name.to_owned(),
                revision,
                newest: revision,
                desired,
                running: desired,
                version: random.below(40),
                deployment: deployment_id(&mut random),
                deployed,
                previous: None,
                created,
                created_by: format!("arn:aws:iam::{}:role/TerraformDeploy", self.account),
                executes: random.chance(500),
                cpu: size.0,
                memory: size.1,
                task_role: format!("{name}-task"),
                port: *random.pick(&[8080, 8443, 9200, 3000, 8000]),
                target_group: random.hex(16),
                tasks: (0..desired).map(|_| random.hex(32)).collect(),
                status: "ACTIVE",
            };
            self.services.insert(key.clone(), service);
        }
        self.services.entry(key).or_insert_with(|| unreachable!("inserted above"))
    }

    /// Returns an ARN of ECS.
    pub(crate) fn ecs_arn(&self, what: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{what}", self.region, self.account)
    }

    pub(crate) fn role_arn(&self, role: &str) -> String {
        format!("arn:aws:iam::{}:role/{role}", self.account)
    }

    pub(crate) fn cluster_arn(&self, cluster: &str) -> String {
        self.ecs_arn(&format!("cluster/{cluster}"))
    }

    pub(crate) fn service_arn(&self, service: &Service) -> String {
        self.ecs_arn(&format!("service/{}/{}", service.cluster, service.name))
    }

    pub(crate) fn task_arn(&self, cluster: &str, task: &str) -> String {
        self.ecs_arn(&format!("task/{cluster}/{task}"))
    }

    pub(crate) fn task_definition_arn(&self, family: &str, revision: u64) -> String {
        self.ecs_arn(&format!("task-definition/{family}:{revision}"))
    }

    pub(crate) fn instance_arn(&self, cluster: &str, instance: &Instance) -> String {
        self.ecs_arn(&format!("container-instance/{cluster}/{}", instance.id))
    }

    pub(crate) fn target_group_arn(&self, service: &Service) -> String {
        format!(
            "arn:aws:elasticloadbalancing:{}:{}:targetgroup/{}-{}/{}",
            self.region, self.account, service.cluster, service.name, service.target_group
        )
    }

    pub(crate) fn secret_arn(&self, family: &str) -> String {
        let tail = self.stable(&["secret", family]).alphanumeric(6);
        format!(
            "arn:aws:secretsmanager:{}:{}:secret:{family}/database-{tail}",
            self.region, self.account
        )
    }

    pub(crate) fn key_arn(&self) -> String {
        let key = self.stable(&["kms"]).guid();
        format!("arn:aws:kms:{}:{}:key/{key}", self.region, self.account)
    }

    /// Returns the image of a revision, tagged by the release that it was built from.
    pub(crate) fn image(&self, family: &str, revision: u64) -> String {
        format!(
            "{}.dkr.ecr.{}.amazonaws.com/shop/{family}:{}",
            self.account,
            self.region,
            self.image_tag(family, revision)
        )
    }

    pub(crate) fn image_tag(&self, family: &str, revision: u64) -> String {
        match family.len() % 3 {
            0 => self.stable_in_account(&["commit", family, &revision.to_string()]).hex(10),
            1 => format!("2026.4.{revision}"),
            _ => format!("v1.{revision}.0"),
        }
    }

    /// Returns `networkConfiguration`, closed to the world unless it is to be public.
    pub(crate) fn network(&self, public: bool) -> Json {
        object! {
            "awsvpcConfiguration": object! {
                "subnets": self.subnets[..2],
                "securityGroups": [&self.security_group],
                "assignPublicIp": if public { "ENABLED" } else { "DISABLED" },
            },
        }
    }
}

/// Returns the number of a deployment, 19 digits.
pub(crate) fn deployment_id(random: &mut Random) -> String {
    format!("{}{}", random.between(1, 8), random.digits(18))
}

impl Service {
    /// Returns the id of the deployment as it shows: `ecs-svc/…`.
    pub(crate) fn deployment_name(&self) -> String {
        format!("ecs-svc/{}", self.deployment)
    }

    /// Starts a deployment of a revision; its tasks are new.
    pub(crate) fn deploy(&mut self, revision: u64, time: i64, random: &mut Random) {
        self.previous = Some((self.deployment.clone(), self.revision, self.deployed));
        self.deployment = deployment_id(random);
        self.deployed = time;
        self.revision = revision;
        self.version += 1;
        self.running = self.desired;
        self.tasks = (0..self.desired).map(|_| random.hex(32)).collect();
    }

    /// Asks for another number of tasks.
    pub(crate) fn scale(&mut self, desired: u64, random: &mut Random) {
        self.running = self.desired;
        self.desired = desired;
        self.version += 1;
        self.previous = None;
        self.tasks.truncate(usize::try_from(desired.max(1)).unwrap_or(1));
        while (self.tasks.len() as u64) < desired {
            self.tasks.push(random.hex(32));
        }
    }
}
