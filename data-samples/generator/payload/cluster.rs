//! Clusters, their capacity providers and their container instances.

use crate::calendar::shown;
use crate::json::{Json, object};
use crate::world::{Instance, World};

impl World {
    /// Returns a cluster as `CreateCluster` and its like return it.
    pub(crate) fn cluster_payload(&self, cluster: &str, status: &str, insights: &str) -> Json {
        object! {
            "clusterArn": self.cluster_arn(cluster),
            "clusterName": cluster,
            "status": status,
            "registeredContainerInstancesCount": 0,
            "runningTasksCount": 0,
            "pendingTasksCount": 0,
            "activeServicesCount": 0,
            "statistics": Vec::<Json>::new(),
            "tags": [object! { "key": "team", "value": "shop" }],
            "settings": [object! { "name": "containerInsights", "value": insights }],
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": Vec::<Json>::new(),
        }
    }

    /// Returns a container instance; its statuses are ACTIVE, DRAINING and INACTIVE.
    pub(crate) fn instance_payload(
        &self,
        cluster: &str,
        instance: &Instance,
        (status, running): (&str, u64),
        registered: i64,
    ) -> Json {
        object! {
            "containerInstanceArn": self.instance_arn(cluster, instance),
            "ec2InstanceId": instance.ec2,
            "version": 3 + running,
            "versionInfo": object! {
                "agentVersion": "1.85.0",
                "agentHash": "3d3ae5a1",
                "dockerVersion": "DockerVersion: 25.0.6",
            },
            "remainingResources": total_resources(running),
            "registeredResources": total_resources(0),
            "status": status,
            "agentConnected": status != "INACTIVE",
            "runningTasksCount": running,
            "pendingTasksCount": 0,
            "attributes": attributes(self),
            "registeredAt": shown(registered),
            "attachments": Vec::<Json>::new(),
            "tags": Vec::<Json>::new(),
        }
    }

    /// Returns what an agent asks when it registers its instance.
    pub(crate) fn registration(&self, cluster: &str, instance: &Instance, time: i64) -> Json {
        let document = format!(
            "{{\n  \"accountId\" : \"{}\",\n  \"architecture\" : \"x86_64\",\n  \"instanceId\" : \"{}\",\n  \"pendingTime\" : \"{}\",\n  \"region\" : \"{}\"\n}}",
            self.account,
            instance.ec2,
            crate::calendar::iso(time - 95),
            self.region
        );
        let mut random = self.stable(&["signature", &instance.id]);
        object! {
            "cluster": cluster,
            "instanceIdentityDocument": document,
            "instanceIdentityDocumentSignature": random.base64(172),
            "totalResources": total_resources(0),
            "versionInfo": object! {
                "agentVersion": "1.85.0",
                "agentHash": "3d3ae5a1",
                "dockerVersion": "DockerVersion: 25.0.6",
            },
            "attributes": attributes(self),
            "platformDevices": Vec::<Json>::new(),
            "tags": Vec::<Json>::new(),
        }
    }

    /// Returns a capacity provider over an Auto Scaling group.
    pub(crate) fn capacity_provider_payload(&self, name: &str, target: u64) -> Json {
        object! {
            "capacityProviderArn": self.ecs_arn(&format!("capacity-provider/{name}")),
            "name": name,
            "status": "ACTIVE",
            "autoScalingGroupProvider": self.group_provider(name, target),
            "tags": Vec::<Json>::new(),
            "type": "EC2_AUTOSCALING",
        }
    }

    pub(crate) fn group_provider(&self, name: &str, target: u64) -> Json {
        let group = self.stable(&["group", name]).guid();
        object! {
            "autoScalingGroupArn": format!(
                "arn:aws:autoscaling:{}:{}:autoScalingGroup:{group}:autoScalingGroupName/{name}",
                self.region, self.account
            ),
            "managedScaling": object! {
                "status": "ENABLED",
                "targetCapacity": target,
                "minimumScalingStepSize": 1,
                "maximumScalingStepSize": 10,
                "instanceWarmupPeriod": 300,
            },
            "managedTerminationProtection": "DISABLED",
            "managedDraining": "ENABLED",
        }
    }
}

fn total_resources(running: u64) -> Vec<Json> {
    let zero = Json::verbatim("0.0");
    [("CPU", 4096 - 512 * running.min(4)), ("MEMORY", 15_731 - 1024 * running.min(4))]
        .into_iter()
        .map(|(name, amount)| {
            object! {
                "name": name,
                "type": "INTEGER",
                "doubleValue": zero,
                "longValue": 0,
                "integerValue": amount,
            }
        })
        .chain([object! {
            "name": "PORTS",
            "type": "STRINGSET",
            "doubleValue": zero,
            "longValue": 0,
            "integerValue": 0,
            "stringSetValue": ["22", "2376", "2375", "51678", "51679"],
        }])
        .collect()
}

fn attributes(world: &World) -> Vec<Json> {
    let image = format!("ami-{}", world.stable(&["machine image"]).hex(17));
    let zone = format!("{}a", world.region);
    [
        ("ecs.ami-id", image.as_str()),
        ("ecs.availability-zone", zone.as_str()),
        ("ecs.instance-type", "m6i.xlarge"),
        ("ecs.os-type", "linux"),
        ("ecs.cpu-architecture", "x86_64"),
        ("ecs.vpc-id", world.network_id.as_str()),
    ]
    .into_iter()
    .map(|(name, value)| object! { "name": name, "value": value })
    .collect()
}
