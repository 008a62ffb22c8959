//! Everyday changes: deployments, scaling, tasks run and stopped.

use super::{Kind, Traffic};
use crate::json::object;
use crate::payload::task::Task;
use crate::record::Call;
use crate::world::{Service, World};

impl Traffic {
    /// Registers a revision, or deploys one that was registered before.
    pub(super) fn deploy(
        &mut self,
        world: &mut World,
        service: &Service,
        time: i64,
    ) -> (Kind, Call) {
        if let Some((cluster, name, revision, kind)) = self.registered.pop() {
            world.service(&cluster, &name).deploy(revision, time, &mut self.random);
            let service = world.service(&cluster, &name).clone();
            let events = self.events();
            let payload = world.service_payload(&service, time, events, &mut self.random);
            world.service(&cluster, &name).previous = None;
            let call = Call::ecs("UpdateService")
                .request(object! {
                    "cluster": cluster,
                    "service": name,
                    "taskDefinition": world.task_definition_arn(&name, revision),
                    "forceNewDeployment": false,
                    "dryrun": self.random.chance(300).then_some(false),
                })
                .response(object! { "service": payload });
            return (kind, call);
        }
        let kind = *self.random.weighted(&[
            (5, Kind::GitHub),
            (3, Kind::Terraform),
            (2, Kind::CodePipeline),
            (1, Kind::CloudFormation),
        ]);
        let definition = world.next_revision(&service.cluster, &service.name);
        let by = format!("arn:aws:sts::{}:assumed-role/github-deploy/GitHubActions", world.account);
        let payload = world.task_definition_payload(&definition, (time, &by), None);
        self.registered.push((
            service.cluster.clone(),
            service.name.clone(),
            definition.revision,
            kind,
        ));
        let call = Call::ecs("RegisterTaskDefinition")
            .request(world.task_definition_request(&definition))
            .response(object! { "taskDefinition": payload });
        (kind, call)
    }

    /// Few events mostly, all hundred at times.
    fn events(&mut self) -> usize {
        match self.random.below(20) {
            0 => 100,
            1..=3 => self.random.position(40),
            _ => self.random.position(7),
        }
    }

    pub(super) fn scale(&mut self, world: &mut World, service: &Service, time: i64) -> Call {
        let desired = (service.desired + self.random.below(3)).saturating_sub(1).clamp(2, 9);
        world.service(&service.cluster, &service.name).scale(desired, &mut self.random);
        let service = world.service(&service.cluster, &service.name).clone();
        let events = self.events();
        let payload = world.service_payload(&service, time, events, &mut self.random);
        Call::ecs("UpdateService")
            .request(object! {
                "cluster": service.cluster,
                "service": service.name,
                "desiredCount": desired,
            })
            .response(object! { "service": payload })
    }

    pub(super) fn run(&mut self, world: &mut World, time: i64) -> Call {
        let service = world.service("batch", "exports").clone();
        let id = self.random.hex(32);
        let rule = format!("events-rule/{}", self.services[0].1);
        let task = Task {
            id: &id,
            cluster: &service.cluster,
            family: &service.name,
            revision: service.revision,
            image: None,
            group: format!("family:{}", service.name),
            started_by: Some(rule.clone()),
            created: time,
            instance: None,
            size: (service.cpu, service.memory),
            stopped: None,
            environment_overridden: false,
        };
        let payload = world.task_payload(&task, &mut self.random);
        let failed = self.random.chance(60);
        let failure = object! {
            "arn": world.instance_arn("batch", self.random.pick(&world.instances)),
            "reason": *self.random.pick(&["RESOURCE:MEMORY", "RESOURCE:CPU", "AGENT", "ATTRIBUTE"]),
        };
        Call::ecs("RunTask")
            .request(object! {
                "cluster": world.cluster_arn("batch"),
                "count": 1,
                "launchType": "FARGATE",
                "networkConfiguration": world.network(false),
                "startedBy": rule,
                "taskDefinition": world.task_definition_arn(&service.name, service.revision),
            })
            .response(object! {
                "tasks": if failed { Vec::new() } else { vec![payload] },
                "failures": if failed { vec![failure] } else { Vec::new() },
            })
    }

    pub(super) fn stop(&mut self, world: &World, service: &Service, id: &str, time: i64) -> Call {
        let reason = *self.random.pick(&["replaced", "restart after incident", "stale cache"]);
        let task = Task {
            id,
            cluster: &service.cluster,
            family: &service.name,
            revision: service.revision,
            image: None,
            group: format!("service:{}", service.name),
            started_by: Some(service.deployment_name()),
            created: service.deployed.min(time - 600),
            instance: None,
            size: (service.cpu, service.memory),
            stopped: Some((time, reason)),
            environment_overridden: false,
        };
        Call::ecs("StopTask")
            .request(object! { "cluster": service.cluster, "task": id, "reason": reason })
            .response(object! { "task": world.task_payload(&task, &mut self.random) })
    }
}
