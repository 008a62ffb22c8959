//! A task, and what the agent says of it.

use crate::calendar::shown;
use crate::json::{Json, object};
use crate::random::Random;
use crate::record::HIDDEN;
use crate::world::{Instance, World};

/// A task to be shown.
pub(crate) struct Task<'a> {
    pub(crate) id: &'a str,
    pub(crate) cluster: &'a str,
    pub(crate) family: &'a str,
    pub(crate) revision: u64,
    pub(crate) image: Option<&'a str>,
    pub(crate) group: String,
    pub(crate) started_by: Option<String>,
    pub(crate) created: i64,
    /// The instance that it runs on; on Fargate if none.
    pub(crate) instance: Option<&'a Instance>,
    pub(crate) size: (u64, u64),
    /// When and why it was stopped.
    pub(crate) stopped: Option<(i64, &'a str)>,
    pub(crate) environment_overridden: bool,
}

impl World {
    /// Returns a task as `RunTask` and `StopTask` return it.
    pub(crate) fn task_payload(&self, task: &Task<'_>, random: &mut Random) -> Json {
        let arn = self.task_arn(task.cluster, task.id);
        let container = self.stable(&["container", task.id, task.family]).guid();
        let fargate = task.instance.is_none();
        let image =
            task.image.map_or_else(|| self.image(task.family, task.revision), str::to_owned);
        let status = if task.stopped.is_some() { "RUNNING" } else { "PROVISIONING" };
        let attachment = object! {
            "id": random.guid(),
            "type": "ElasticNetworkInterface",
            "status": if task.stopped.is_some() { "ATTACHED" } else { "PRECREATED" },
            "details": [object! { "name": "subnetId", "value": self.subnets[0] }],
        };
        object! {
            "attachments": if fargate { vec![attachment] } else { Vec::new() },
            "attributes": [object! { "name": "ecs.cpu-architecture", "value": "arm64" }],
            "availabilityZone": format!("{}{}", self.region, random.pick(&["a", "b", "c"])),
            "clusterArn": self.cluster_arn(task.cluster),
            "connectivity": task.stopped.map(|_| "CONNECTED"),
            "containerInstanceArn": task.instance.map(|instance| self.instance_arn(task.cluster, instance)),
            "containers": [object! {
                "containerArn": self.ecs_arn(&format!("container/{}/{}/{container}", task.cluster, task.id)),
                "taskArn": arn,
                "name": task.family,
                "image": image,
                "imageDigest": task.stopped.map(|_| format!("sha256:{}", random.hex(64))),
                "lastStatus": if task.stopped.is_some() { "RUNNING" } else { "PENDING" },
                "networkInterfaces": Vec::<Json>::new(),
                "cpu": "0",
            }],
            "cpu": task.size.0.to_string(),
            "createdAt": shown(task.created),
            "desiredStatus": if task.stopped.is_some() { "STOPPED" } else { "RUNNING" },
            "enableExecuteCommand": true,
            "group": task.group,
            "lastStatus": status,
            "launchType": if fargate { "FARGATE" } else { "EC2" },
            "memory": task.size.1.to_string(),
            "overrides": object! {
                "containerOverrides": [object! {
                    "name": task.family,
                    "environment": task.environment_overridden.then_some(HIDDEN),
                }],
                "inferenceAcceleratorOverrides": Vec::<Json>::new(),
            },
            "platformVersion": fargate.then_some("1.4.0"),
            "platformFamily": fargate.then_some("Linux"),
            "startedBy": task.started_by,
            "stopCode": task.stopped.map(|_| "UserInitiated"),
            "stoppedReason": task.stopped.map(|(_, reason)| reason),
            "stoppingAt": task.stopped.map(|(at, _)| shown(at)),
            "tags": Vec::<Json>::new(),
            "taskArn": arn,
            "taskDefinitionArn": self.task_definition_arn(task.family, task.revision),
            "version": if task.stopped.is_some() { 4 } else { 1 },
            "ephemeralStorage": fargate.then(|| object! { "sizeInGiB": 20 }),
        }
    }

    /// Returns what the agent submits about a task; stopped if there is an exit code.
    pub(crate) fn task_state(
        &self,
        (cluster, family): (&str, &str),
        task: &str,
        time: i64,
        exit: Option<(u64, &str)>,
    ) -> Json {
        let status = if exit.is_some() { "STOPPED" } else { "RUNNING" };
        let digest = self.stable(&["digest", family]).hex(64);
        object! {
            "cluster": cluster,
            "task": self.task_arn(cluster, task),
            "status": status,
            "reason": exit.map(|(_, reason)| reason),
            "containers": [object! {
                "containerName": family,
                "imageDigest": format!("sha256:{digest}"),
                "runtimeId": format!("{task}-{}", self.stable(&["runtime", task]).digits(10)),
                "exitCode": exit.map(|(code, _)| code),
                "networkBindings": Vec::<Json>::new(),
                "status": status,
            }],
            "pullStartedAt": shown(time - 40),
            "pullStoppedAt": shown(time - 21),
            "executionStoppedAt": exit.map(|_| shown(time - 1)),
        }
    }

    /// Returns the response of `ExecuteCommand`.
    pub(crate) fn session_payload(
        &self,
        (cluster, container): (&str, &str),
        task: &str,
        session: &str,
    ) -> Json {
        let id = self.stable(&["container", task, container]).guid();
        object! {
            "clusterArn": self.cluster_arn(cluster),
            "containerArn": self.ecs_arn(&format!("container/{cluster}/{task}/{id}")),
            "containerName": container,
            "interactive": true,
            "session": object! {
                "sessionId": session,
                "streamUrl": format!(
                    "wss://ssmmessages.{}.amazonaws.com/v1/data-channel/{session}?role=publish_subscribe&cell-number=EXAMPLE",
                    self.region
                ),
                "tokenValue": HIDDEN,
            },
            "taskArn": self.task_arn(cluster, task),
        }
    }
}
