//! Everyday calls to ECS: mostly reads and agents, some deployments, a few errors.

use super::{Kind, Traffic};
use crate::calendar::shown;
use crate::json::{Json, object};
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
