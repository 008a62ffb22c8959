//! `responseElements.service`, with its deployments and its log of events.

use crate::calendar::shown;
use crate::json::{Json, object};
use crate::random::Random;
use crate::world::{Service, World};

impl World {
    /// Returns a service as `UpdateService` and its like return it, with so many of its events.
    pub(crate) fn service_payload(
        &self,
        service: &Service,
        time: i64,
        events: usize,
        random: &mut Random,
    ) -> Json {
        let mut deployments = vec![self.deployment(
            service,
            (&service.deployment, service.revision, service.deployed),
            time,
            true,
        )];
        if let Some((id, revision, deployed)) = &service.previous {
            deployments.push(self.deployment(service, (id, *revision, *deployed), time, false));
        }
        let revision =
            format!("service-revision/{}/{}/{}", service.cluster, service.name, service.deployment);
        object! {
            "serviceArn": self.service_arn(service),
            "serviceName": service.name,
            "clusterArn": self.cluster_arn(&service.cluster),
            "loadBalancers": [self.load_balancer(service)],
            "serviceRegistries": Vec::<Json>::new(),
            "status": service.status,
            "desiredCount": service.desired,
            "runningCount": service.running,
            "pendingCount": 0,
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "taskDefinition": self.task_definition_arn(&service.name, service.revision),
            "deploymentConfiguration": deployment_configuration(true),
            "deployments": deployments,
            "roleArn": self.role_arn("aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
            "version": service.version,
            "events": self.service_events(service, time, events, random),
            "createdAt": shown(service.created),
            "currentServiceRevisions": [object! {
                "arn": self.ecs_arn(&revision),
                "requestedTaskCount": service.desired,
                "runningTaskCount": service.running,
                "pendingTaskCount": 0,
            }],
            "placementConstraints": Vec::<Json>::new(),
            "placementStrategy": Vec::<Json>::new(),
            "networkConfiguration": self.network(false),
            "healthCheckGracePeriodSeconds": 30,
            "schedulingStrategy": "REPLICA",
            "deploymentController": object! { "type": "ECS" },
            "createdBy": service.created_by,
            "enableECSManagedTags": true,
            "propagateTags": "SERVICE",
            "enableExecuteCommand": service.executes,
            "availabilityZoneRebalancing": "ENABLED",
            "runStatus": if service.previous.is_some() { "Deploying" } else { "SteadyState" },
            "extendDeploymentTimePeriod": 0,
            "resourceManagementType": "CUSTOMER",
        }
    }

    /// Returns what `CreateService` is asked, except the cluster, which a caller may leave out.
    pub(crate) fn service_request(&self, service: &Service) -> Json {
        object! {
            "cluster": service.cluster,
            "serviceName": service.name,
            "taskDefinition": format!("{}:{}", service.name, service.revision),
            "loadBalancers": [self.load_balancer(service)],
            "desiredCount": service.desired,
            "launchType": "FARGATE",
            "platformVersion": "LATEST",
            "deploymentConfiguration": deployment_configuration(false),
            "networkConfiguration": self.network(false),
            "healthCheckGracePeriodSeconds": 30,
            "schedulingStrategy": "REPLICA",
            "enableECSManagedTags": true,
            "propagateTags": "SERVICE",
            "enableExecuteCommand": service.executes,
            "tags": [object! { "key": "team", "value": "shop" }, object! { "key": "managed-by", "value": "terraform" }],
        }
    }

    pub(crate) fn load_balancer(&self, service: &Service) -> Json {
        object! {
            "targetGroupArn": self.target_group_arn(service),
            "containerName": service.name,
            "containerPort": service.port,
        }
    }

    fn deployment(
        &self,
        service: &Service,
        (id, revision, deployed): (&str, u64, i64),
        time: i64,
        primary: bool,
    ) -> Json {
        let under_way = primary && service.previous.is_some();
        let state = if under_way { "in progress" } else { "completed" };
        let running = if under_way { 0 } else { service.running };
        object! {
            "id": format!("ecs-svc/{id}"),
            "status": if primary { "PRIMARY" } else { "ACTIVE" },
            "taskDefinition": self.task_definition_arn(&service.name, revision),
            "desiredCount": service.desired,
            "pendingCount": 0,
            "runningCount": running,
            "failedTasks": 0,
            "createdAt": shown(deployed),
            "updatedAt": shown(if primary { time } else { deployed + 330 }),
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "networkConfiguration": self.network(false),
            "rolloutState": if under_way { "IN_PROGRESS" } else { "COMPLETED" },
            "rolloutStateReason": format!("ECS deployment ecs-svc/{id} {state}."),
            "scale": object! {
                "value": Json::verbatim(if under_way { "0.0" } else { "100.0" }),
                "unit": "PERCENT",
            },
        }
    }

    fn service_events(
        &self,
        service: &Service,
        time: i64,
        count: usize,
        random: &mut Random,
    ) -> Vec<Json> {
        let mut at = time - 20;
        let name = &service.name;
        let group = self.target_group_arn(service);
        (0..count.min(100))
            .map(|position| {
                at -= random.between(20, 4000);
                let task = random.hex(32);
                let message = match position % 5 {
                    0 => format!("(service {name}) has reached a steady state."),
                    1 => format!(
                        "(service {name}) (deployment {}) deployment completed.",
                        service.deployment_name()
                    ),
                    2 => format!("(service {name}) has stopped 1 running tasks: (task {task})."),
                    3 => format!("(service {name}) registered 1 targets in (target-group {group})"),
                    _ => format!("(service {name}) has started 1 tasks: (task {task})."),
                };
                object! { "id": random.guid(), "createdAt": shown(at), "message": message }
            })
            .collect()
    }
}

/// Returns `deploymentConfiguration`, with the defaults that a response adds.
pub(crate) fn deployment_configuration(full: bool) -> Json {
    object! {
        "deploymentCircuitBreaker": object! {
            "enable": true,
            "rollback": true,
            "resetOnHealthyTask": full.then_some(false),
        },
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": full.then_some("ROLLING"),
        "bakeTimeInMinutes": full.then_some(0),
    }
}
