//! Task definitions: what is registered, and what comes back.

use crate::calendar::shown;
use crate::json::{Json, Object, object};
use crate::record::HIDDEN;
use crate::world::World;

#[expect(clippy::struct_excessive_bools, reason = "each is a member of its own")]
/// A task definition to be registered; the defaults are those of a harmless web service.
#[derive(Clone)]
pub(crate) struct TaskDefinition {
    pub(crate) family: String,
    pub(crate) revision: u64,
    pub(crate) image: String,
    pub(crate) port: u64,
    pub(crate) cpu: u64,
    pub(crate) memory: u64,
    pub(crate) task_role: String,
    pub(crate) execution_role: String,
    pub(crate) command: Vec<String>,
    /// Names and values in the clear, as older records show them; hidden if none.
    pub(crate) environment: Option<Vec<(&'static str, &'static str)>>,
    pub(crate) fargate: bool,
    pub(crate) user: &'static str,
    pub(crate) privileged: bool,
    pub(crate) host_process_ids: bool,
    pub(crate) host_volume: Option<&'static str>,
    pub(crate) sidecar: Option<&'static str>,
    pub(crate) secret: bool,
}

impl World {
    /// Returns the next revision of a service's family, as its pipeline would register it.
    pub(crate) fn next_revision(&mut self, cluster: &str, name: &str) -> TaskDefinition {
        let service = self.service(cluster, name);
        service.newest += 1;
        let revision = service.newest;
        let service = service.clone();
        TaskDefinition {
            family: name.to_owned(),
            revision,
            image: self.image(name, revision),
            port: service.port,
            cpu: service.cpu,
            memory: service.memory,
            task_role: service.task_role,
            execution_role: "ecsTaskExecutionRole".to_owned(),
            command: vec!["serve".to_owned(), "--port".to_owned(), service.port.to_string()],
            environment: None,
            fargate: true,
            user: "10001",
            privileged: false,
            host_process_ids: false,
            host_volume: None,
            sidecar: (name.len() % 3 == 1).then_some("public.ecr.aws/nginx/nginx:1.27"),
            secret: true,
        }
    }

    /// Returns what `RegisterTaskDefinition` is asked.
    pub(crate) fn task_definition_request(&self, definition: &TaskDefinition) -> Json {
        let mut request = Object::new();
        self.common_members(definition, &mut request);
        request.member("tags", &[object! { "key": "team", "value": "shop" }]);
        request.end()
    }

    /// Returns `responseElements.taskDefinition`; with a time of deregistration if it is gone.
    pub(crate) fn task_definition_payload(
        &self,
        definition: &TaskDefinition,
        registered: (i64, &str),
        deregistered: Option<i64>,
    ) -> Json {
        let mut payload = Object::new();
        let arn = self.task_definition_arn(&definition.family, definition.revision);
        payload.member("taskDefinitionArn", &arn);
        self.common_members(definition, &mut payload);
        let attributes = [
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "ecs.capability.execution-role-awslogs",
            "com.amazonaws.ecs.capability.docker-remote-api.1.19",
            "com.amazonaws.ecs.capability.ecr-auth",
            "com.amazonaws.ecs.capability.task-iam-role",
            "ecs.capability.task-eni",
        ]
        .map(|name| object! { "name": name });
        let compatibilities = if definition.fargate { vec!["EC2", "FARGATE"] } else { vec!["EC2"] };
        payload
            .member("revision", &definition.revision)
            .member("status", if deregistered.is_some() { "INACTIVE" } else { "ACTIVE" })
            .member("requiresAttributes", &attributes)
            .member("placementConstraints", &Vec::<Json>::new())
            .member("compatibilities", &compatibilities)
            .member("registeredAt", &shown(registered.0))
            .member("deregisteredAt", &deregistered.map(shown))
            .member("registeredBy", registered.1);
        payload.end()
    }

    fn common_members(&self, definition: &TaskDefinition, object: &mut Object) {
        let volumes = definition.host_volume.map(|path| {
            object! { "name": "host", "host": object! { "sourcePath": path } }
        });
        object
            .member("family", &definition.family)
            .member("taskRoleArn", &self.role_arn(&definition.task_role))
            .member("executionRoleArn", &self.role_arn(&definition.execution_role))
            .member("networkMode", if definition.fargate { "awsvpc" } else { "host" })
            .member("containerDefinitions", &self.containers(definition))
            .member("volumes", &volumes.into_iter().collect::<Vec<_>>())
            .member(
                "requiresCompatibilities",
                &[if definition.fargate { "FARGATE" } else { "EC2" }],
            )
            .member("cpu", &definition.cpu.to_string())
            .member("memory", &definition.memory.to_string())
            .member("pidMode", &definition.host_process_ids.then_some("host"));
        if definition.fargate {
            let platform = object! { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" };
            object.member("runtimePlatform", &platform);
        }
    }

    fn containers(&self, definition: &TaskDefinition) -> Vec<Json> {
        let family = &definition.family;
        let environment = match &definition.environment {
            None => object! { "hidden": HIDDEN },
            Some(pairs) => object! {
                "hidden": pairs
                    .iter()
                    .map(|(name, value)| object! { "name": *name, "value": *value })
                    .collect::<Vec<_>>(),
            },
        };
        let text = environment.text();
        let environment = Json::verbatim(&text["{\"hidden\":".len()..text.len() - 1]);
        let mounts = definition.host_volume.map(|path| {
            object! { "sourceVolume": "host", "containerPath": path, "readOnly": false }
        });
        let secrets = object! { "name": "DATABASE_URL", "valueFrom": self.secret_arn(family) };
        let main = object! {
            "name": family,
            "image": definition.image,
            "cpu": 0,
            "portMappings": [object! {
                "containerPort": definition.port,
                "hostPort": definition.port,
                "protocol": "tcp",
                "name": format!("{family}-{}-tcp", definition.port),
                "appProtocol": "http",
            }],
            "essential": true,
            "command": definition.command,
            "environment": environment,
            "mountPoints": mounts.into_iter().collect::<Vec<_>>(),
            "volumesFrom": Vec::<Json>::new(),
            "secrets": definition.secret.then(|| vec![secrets]),
            "user": definition.user,
            "privileged": definition.privileged.then_some(true),
            "readonlyRootFilesystem": definition.secret,
            "logConfiguration": object! {
                "logDriver": "awslogs",
                "options": object! {
                    "awslogs-group": format!("/ecs/{family}"),
                    "awslogs-region": self.region,
                    "awslogs-stream-prefix": "ecs",
                },
            },
            "systemControls": Vec::<Json>::new(),
        };
        let sidecar = definition.sidecar.map(|image| {
            object! {
                "name": "proxy",
                "image": image,
                "cpu": 0,
                "portMappings": Vec::<Json>::new(),
                "essential": false,
                "environment": HIDDEN,
                "mountPoints": Vec::<Json>::new(),
                "volumesFrom": Vec::<Json>::new(),
                "dependsOn": [object! { "containerName": family, "condition": "START" }],
                "systemControls": Vec::<Json>::new(),
            }
        });
        std::iter::once(main).chain(sidecar).collect()
    }
}
