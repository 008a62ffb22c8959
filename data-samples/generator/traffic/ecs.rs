//! Everyday calls to ECS: mostly reads and agents, some deployments, a few errors.

use super::{Kind, Traffic};
use crate::calendar::shown;
use crate::json::{Json, object};
use crate::payload::task::Task;
use crate::record::Call;
use crate::world::{Service, World};

/// What is asked of ECS all day.
#[derive(Clone, Copy)]
enum Asked {
    Services,
    Tasks,
    ListTasks,
    TaskDefinition,
    ListServices,
    Clusters,
    ListClusters,
    Instances,
    ListTaskDefinitions,
    Poll,
    TaskState,
    ContainerState,
    Attachment,
    Deploy,
    Scale,
    Run,
    Stop,
    Protect,
    Failed,
}

const ASKED: [(u64, Asked); 19] = [
    (240, Asked::Services),
    (130, Asked::Tasks),
    (90, Asked::ListTasks),
    (50, Asked::TaskDefinition),
    (40, Asked::ListServices),
    (45, Asked::Clusters),
    (22, Asked::ListClusters),
    (18, Asked::Instances),
    (12, Asked::ListTaskDefinitions),
    (25, Asked::Poll),
    (120, Asked::TaskState),
    (20, Asked::ContainerState),
    (8, Asked::Attachment),
    (45, Asked::Deploy),
    (22, Asked::Scale),
    (45, Asked::Run),
    (6, Asked::Stop),
    (8, Asked::Protect),
    (24, Asked::Failed),
];

impl Traffic {
    pub(super) fn ecs_call(&mut self, world: &mut World, time: i64) -> (Kind, usize, Call) {
        let view = self.random.position(self.services.len());
        let (cluster, name) = self.services[view].clone();
        let service = world.service(&cluster, &name).clone();
        let task = self.tasks[view].clone();
        let reader = *self.random.weighted(&[
            (42, Kind::Exporter),
            (22, Kind::Inventory),
            (12, Kind::Backend),
            (6, Kind::Portal),
            (5, Kind::Backup),
            (6, Kind::Person),
            (4, Kind::Shell),
            (3, Kind::Reader),
        ]);
        let everyday = crate::places::EVERYDAY_SERVICES.contains(&(&cluster, &name));
        // Clusters are called by name or by ARN, as callers like.
        let called =
            if self.random.chance(300) { world.cluster_arn(&cluster) } else { cluster.clone() };
        let read = |name: &'static str, request: Json| Call::ecs(name).request(request);
        let asked = *self.random.weighted(&ASKED);
        let (kind, call) = match asked {
            Asked::Services => (
                reader,
                read(
                    "DescribeServices",
                    object! {
                        "cluster": called,
                        "services": [&name],
                        "include": self.random.chance(200).then_some(["TAGS"]),
                    },
                ),
            ),
            Asked::Tasks => {
                let tasks: Vec<&String> =
                    self.tasks.iter().take(1 + self.random.position(3)).collect();
                (reader, read("DescribeTasks", object! { "cluster": called, "tasks": tasks }))
            }
            Asked::ListTasks => {
                (reader, read("ListTasks", object! { "cluster": called, "serviceName": name }))
            }
            Asked::TaskDefinition => (
                reader,
                read(
                    "DescribeTaskDefinition",
                    object! {
                        "taskDefinition": format!("{name}:{}", service.revision),
                        "include": ["TAGS"],
                    },
                ),
            ),
            Asked::ListServices => {
                (reader, read("ListServices", object! { "cluster": called, "maxResults": 100 }))
            }
            Asked::Clusters => (
                reader,
                read(
                    "DescribeClusters",
                    object! {
                        "clusters": [&called],
                        "include": ["SETTINGS", "TAGS"],
                    },
                ),
            ),
            Asked::ListClusters => (reader, Call::ecs("ListClusters")),
            Asked::Instances => {
                let ids: Vec<&String> = world.instances.iter().take(3).map(|one| &one.id).collect();
                (
                    reader,
                    read(
                        "DescribeContainerInstances",
                        object! { "cluster": called, "containerInstances": ids },
                    ),
                )
            }
            Asked::ListTaskDefinitions => (
                reader,
                read(
                    "ListTaskDefinitions",
                    object! {
                        "familyPrefix": name,
                        "status": "ACTIVE",
                        "sort": "DESC",
                    },
                ),
            ),
            Asked::Poll => {
                let instance = self.random.pick(&world.instances);
                (
                    Kind::Agent,
                    read(
                        "DiscoverPollEndpoint",
                        object! {
                            "containerInstance": world.instance_arn(&cluster, instance),
                            "cluster": cluster,
                        },
                    ),
                )
            }
            Asked::TaskState => (Kind::Agent, self.task_state(world, &service, &task, time)),
            Asked::ContainerState => (Kind::Agent, self.container_state(world, &service, &task)),
            Asked::Attachment => {
                let attachment = world.stable(&["attachment", &task]).guid();
                let call = Call::ecs("SubmitAttachmentStateChanges")
                    .request(object! {
                        "cluster": cluster,
                        "attachments": [object! {
                            "attachmentArn": world.ecs_arn(&format!("attachment/{attachment}")),
                            "status": "ATTACHED",
                        }],
                    })
                    .response(object! { "acknowledgment": "ACK" });
                (Kind::Agent, call)
            }
            Asked::Deploy if everyday => self.deploy(world, &service, time),
            Asked::Scale if everyday => (Kind::Autoscaling, self.scale(world, &service, time)),
            Asked::Run => (Kind::Rule, self.run(world, time)),
            Asked::Stop => (Kind::Shell, self.stop(world, &service, &task, time)),
            Asked::Protect => {
                let call = Call::ecs("UpdateTaskProtection")
                    .request(object! {
                        "cluster": cluster,
                        "tasks": [&task],
                        "protectionEnabled": true,
                        "expiresInMinutes": 60,
                    })
                    .response(object! {
                        "protectedTasks": [object! {
                            "taskArn": world.task_arn(&cluster, &task),
                            "protectionEnabled": true,
                            "expirationDate": shown(time + 3600),
                        }],
                        "failures": Vec::<Json>::new(),
                    });
                (Kind::Task, call)
            }
            Asked::Failed => self.failed(world, &service, view, time),
            Asked::Deploy | Asked::Scale => (
                reader,
                read("DescribeServices", object! { "cluster": called, "services": [&name] }),
            ),
        };
        (kind, view, call)
    }

    fn task_state(&mut self, world: &World, service: &Service, task: &str, time: i64) -> Call {
        let stopped = self.random.chance(450);
        let (code, reason) = *self.random.weighted(&[
            (70, (0, "Essential container in task exited")),
            (12, (143, "Scaling activity initiated by deployment")),
            (9, (1, "Essential container in task exited")),
            (5, (137, "OutOfMemoryError: Container killed due to memory usage")),
            (4, (139, "Essential container in task exited")),
        ]);
        let about = (service.cluster.as_str(), service.name.as_str());
        Call::ecs("SubmitTaskStateChange")
            .request(world.task_state(about, task, time, stopped.then_some((code, reason))))
            .response(object! { "acknowledgment": "ACK" })
    }

    fn container_state(&mut self, world: &World, service: &Service, task: &str) -> Call {
        Call::ecs("SubmitContainerStateChange")
            .request(object! {
                "cluster": service.cluster,
                "task": world.task_arn(&service.cluster, task),
                "containerName": service.name,
                "runtimeId": format!("{task}-{}", world.stable(&["runtime", task]).digits(10)),
                "status": "RUNNING",
                "networkBindings": [object! {
                    "bindIP": "192.0.2.1",
                    "containerPort": service.port,
                    "hostPort": self.random.between(32_768, 60_999),
                    "protocol": "tcp",
                }],
            })
            .response(object! { "acknowledgment": "ACK" })
    }

    /// Registers a revision, or deploys one that was registered before.
    fn deploy(&mut self, world: &mut World, service: &Service, time: i64) -> (Kind, Call) {
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

    fn scale(&mut self, world: &mut World, service: &Service, time: i64) -> Call {
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

    fn run(&mut self, world: &mut World, time: i64) -> Call {
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

    fn stop(&mut self, world: &World, service: &Service, id: &str, time: i64) -> Call {
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

    fn failed(&mut self, world: &World, service: &Service, view: usize, time: i64) -> (Kind, Call) {
        let arn = world.service_arn(service);
        match self.random.below(10) {
            0..=3 => {
                let caller = self.caller(world, Kind::Backup, view, time).clone();
                (
                    Kind::Backup,
                    Call::ecs("DescribeServices").denied(&caller, "ecs:DescribeServices", &arn),
                )
            }
            4 | 5 => {
                let caller = self.caller(world, Kind::Reader, view, time).clone();
                (
                    Kind::Reader,
                    Call::ecs("UpdateService").denied(&caller, "ecs:UpdateService", &arn),
                )
            }
            6 => (
                Kind::Inventory,
                Call::ecs("DescribeTasks").fails("ThrottlingException", "Rate exceeded"),
            ),
            7 => (
                Kind::Shell,
                Call::ecs("ListTasks").fails("ClusterNotFoundException", "Cluster not found."),
            ),
            8 => (
                Kind::Backup,
                Call::ecs("UpdateService").fails("ServiceNotFoundException", "Service not found."),
            ),
            _ => (
                Kind::Portal,
                Call::ecs("DescribeTaskDefinition")
                    .fails("ClientException", "Unable to describe task definition."),
            ),
        }
    }
}
