//! The 88 operations of ECS, and believable values for the members of their payloads.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::calendar::{DAY, shown};
use crate::json::{Json, Object};
use crate::random::Random;
use crate::record::{Call, HIDDEN};
use crate::world::World;

static OPERATIONS: &str = include_str!("../ecs_operations.json");

/// The operations by name.
pub(crate) struct Model(BTreeMap<String, Value>);

impl Model {
    pub(crate) fn read() -> Result<Self> {
        Ok(Self(serde_json::from_str(OPERATIONS).context("cannot read ecs_operations.json")?))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Makes a call of an operation; read-only ones show no response.
    pub(crate) fn call(&self, name: &str, world: &World, time: i64, random: &mut Random) -> Call {
        let operation = &self.0[name];
        let mut payload = Payload {
            world,
            time,
            random,
            number: time.rem_euclid(89) + 3,
            redacted: operation["redacted"]
                .as_array()
                .map(|paths| paths.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default(),
        };
        let call = Call::ecs(name.to_owned()).request(payload.value(
            "requestParameters",
            "request",
            &operation["request"],
        ));
        if operation["readonly"] == true {
            return call.reads();
        }
        let call = call.writes();
        match operation["response"].as_object() {
            Some(members) if !members.is_empty() => {
                let response = &operation["response"];
                call.response(payload.value("responseElements", "response", response))
            }
            _ => call,
        }
    }
}

struct Payload<'a> {
    world: &'a World,
    time: i64,
    random: &'a mut Random,
    /// One small number, so that names and ids agree within a call.
    number: i64,
    redacted: Vec<&'a str>,
}

impl Payload<'_> {
    fn value(&mut self, path: &str, name: &str, shape: &Value) -> Json {
        if self.redacted.contains(&path) {
            return quoted(HIDDEN);
        }
        match shape {
            Value::Object(members) if members.contains_key("{}") => {
                let mut object = Object::new();
                let inner = self.value(&format!("{path}.key"), "value", &members["{}"]);
                object.member("example", &inner);
                object.end()
            }
            Value::Object(members) => {
                let mut object = Object::new();
                for (member, inner) in members {
                    if self.keeps(member, path.matches('.').count()) {
                        let value = self.value(&format!("{path}.{member}"), member, inner);
                        object.member(member, &value);
                    }
                }
                object.end()
            }
            Value::Array(elements) => {
                let count = if path.starts_with("requestParameters") {
                    1
                } else {
                    self.random.position(2) + 1
                };
                let count = if name == "failures" { 0 } else { count };
                let inner = elements.first().unwrap_or(&Value::Null);
                let values: Vec<Json> = (0..count)
                    .map(|_| self.value(&format!("{path}[]"), singular(name), inner))
                    .collect();
                let mut object = Object::new();
                object.member("list", &values);
                let text = object.end();
                Json::verbatim(&text.text()["{\"list\":".len()..text.text().len() - 1])
            }
            Value::String(kind) => self.leaf(name, kind),
            _ => Json::null(),
        }
    }

    /// Keeps what identifies things, and some of the rest.
    fn keeps(&mut self, member: &str, depth: usize) -> bool {
        const IDENTIFYING: [&str; 12] = [
            "cluster", "service", "name", "family", "gateway", "daemon", "task", "tasks",
            "taskSet", "image", "key", "value",
        ];
        if matches!(member, "nextToken" | "clientToken") {
            return false;
        }
        IDENTIFYING.contains(&member)
            || member.ends_with("Arn")
            || member.ends_with("Arns")
            || member.ends_with("Name")
            || self.random.chance(if depth == 0 { 850 } else { 550 })
    }

    fn leaf(&mut self, name: &str, kind: &str) -> Json {
        match kind {
            "timestamp" => quoted(&shown(self.time - self.random.between(0, DAY))),
            "boolean" => Json::verbatim(if self.random.chance(500) { "true" } else { "false" }),
            "double" => Json::verbatim(*self.random.pick(&["0.0", "50.0", "100.0", "25.0"])),
            "float" => Json::verbatim("1.0"),
            "integer" | "long" => Json::verbatim(self.whole(name).to_string()),
            "enum" => quoted(setting(name)),
            _ => quoted(&self.text(name)),
        }
    }

    fn whole(&mut self, name: &str) -> i64 {
        match name {
            _ if name.ends_with("Port") => 8080,
            "revision" | "version" => self.number,
            "cpu" => 512,
            "memory" | "memoryReservation" => 1024,
            "maximumPercent" => 200,
            "maxResults" | "minimumHealthyPercent" => 100,
            "expiresInMinutes" => 60,
            _ if name.ends_with("Seconds") || name.ends_with("Minutes") => 30,
            _ => self.random.between(0, 5),
        }
    }

    fn text(&mut self, name: &str) -> String {
        let world = self.world;
        let number = self.number;
        let small = name.to_ascii_lowercase();
        let ecs = |what: String| world.ecs_arn(&what);
        // Ids agree between a request and its response.
        let id = |kind: &str| world.stable(&["tour", kind, &number.to_string()]);
        let of_service =
            |kind: &str| ecs(format!("{kind}/production/storefront/{}", id(kind).digits(19)));
        match small.as_str() {
            "cluster" | "clustername" => "production".to_owned(),
            "clusterarn" => world.cluster_arn("production"),
            "servicearn" | "resourcearn" => ecs("service/production/storefront".to_owned()),
            "servicedeploymentarn" | "servicedeployment" | "currentdeployment" => {
                of_service("service-deployment")
            }
            "servicerevisionarn" | "targetservicerevisionarn" => of_service("service-revision"),
            "task" | "taskid" => world.stable(&["tour task"]).hex(32),
            "taskarn" => world.task_arn("production", &world.stable(&["tour task"]).hex(32)),
            "taskdefinition" => format!("storefront:{number}"),
            "taskdefinitionarn" => ecs(format!("task-definition/storefront:{number}")),
            "daemontaskdefinition" | "daemontaskdefinitionarn" => {
                ecs(format!("daemon-task-definition/log-router:{number}"))
            }
            "service" | "servicename" | "family" | "familyprefix" | "group" => {
                "storefront".to_owned()
            }
            "daemon" | "daemonname" => "log-router".to_owned(),
            "daemonarn" => ecs("daemon/production/log-router".to_owned()),
            "daemondeploymentarn" | "deploymentarn" => {
                ecs(format!("daemon-deployment/production/log-router/{}", id("number").digits(19)))
            }
            "daemonrevisionarn" => {
                ecs(format!("daemon-revision/production/log-router/{}", id("number").digits(19)))
            }
            "taskset" | "primarytaskset" | "id" | "startedby" => {
                format!("ecs-svc/{}", id("number").digits(19))
            }
            "tasksetarn" => {
                ecs(format!("task-set/production/storefront/ecs-svc/{}", id("number").digits(19)))
            }
            "gateway" | "gatewayarn" => ecs("gateway/shop-front".to_owned()),
            "gatewayroutearn" => ecs(format!("gateway-route/shop-front/{}", id("route").lower(17))),
            "containerinstance" | "targetid" => world.instances[0].id.clone(),
            "containerinstancearn" => world.instance_arn("production", &world.instances[0]),
            "ec2instanceid" => world.instances[0].ec2.clone(),
            "capacityproviderarn" => ecs("capacity-provider/batch-spot-1".to_owned()),
            "capacityprovider" | "capacityprovidername" => "FARGATE".to_owned(),
            "attachmentarn" => ecs(format!("attachment/{}", id("attachment").guid())),
            "image" | "containerimage" => world.image("storefront", number.unsigned_abs()),
            "imagedigest" => format!("sha256:{}", id("image").hex(64)),
            "namespace" => "shop.internal".to_owned(),
            "principalarn" => world.role_arn("Operations"),
            "infrastructurerolearn" => world.role_arn("ecsInfrastructureRole"),
            "executionrolearn" => world.role_arn("ecsTaskExecutionRole"),
            "taskrolearn" => world.role_arn("storefront-task"),
            "targetgrouparn" => format!(
                "arn:aws:elasticloadbalancing:{}:{}:targetgroup/production-storefront/{}",
                world.region,
                world.account,
                world.stable(&["tour group"]).hex(16)
            ),
            "subnet" => world.subnets[0].clone(),
            "securitygroup" | "inboundsecuritygroup" => world.security_group.clone(),
            "loggroup" | "cloudwatchloggroupname" | "awslogs-group" => "/ecs/storefront".to_owned(),
            "logstreamprefix" => "ecs".to_owned(),
            "s3bucketname" | "bucket" => "amzn-s3-demo-bucket".to_owned(),
            "kmskeyid" | "kmskeyarn" => world.key_arn(),
            "key" | "tagkey" => "team".to_owned(),
            "value" => "shop".to_owned(),
            "cpu" => "512".to_owned(),
            "memory" => "1024".to_owned(),
            "status" | "laststatus" | "statuscode" => "ACTIVE".to_owned(),
            "desiredstatus" => "RUNNING".to_owned(),
            "statusreason" | "reason" | "stoppedreason" => "as planned".to_owned(),
            "createdby" | "registeredby" => world.role_arn("TerraformDeploy"),
            "acknowledgment" => "ACK".to_owned(),
            "healthcheckpath" => "/health".to_owned(),
            "serviceurl" => "https://storefront.example.com".to_owned(),
            "command" | "entrypoint" => "serve".to_owned(),
            "user" => "10001".to_owned(),
            "platformversion" => "1.4.0".to_owned(),
            "platformfamily" => "Linux".to_owned(),
            "availabilityzone" => format!("{}a", world.region),
            "resource" | "attributename" => "ecs.instance-type".to_owned(),
            "attributevalue" => "m6i.xlarge".to_owned(),
            "hookid" => id("hook").guid(),
            "sourcepath" | "containerpath" => "/var/log/app".to_owned(),
            _ if small.ends_with("rolearn") => world.role_arn("ecsInfrastructureRole"),
            _ if small.ends_with("arn") => {
                ecs(format!("{}/{}", &small[..small.len() - 3], id(&small).lower(12)))
            }
            _ if small.ends_with("name") || small == "name" => "storefront".to_owned(),
            _ => format!("example-{number}"),
        }
    }
}

fn quoted(text: &str) -> Json {
    let mut out = String::new();
    crate::json::Render::render(text, &mut out);
    Json::verbatim(out)
}

fn singular(name: &str) -> &str {
    match name {
        "securityGroups" => "securityGroup",
        "entryPoint" | "command" => "command",
        "capacityProviderArns" => "capacityProviderArn",
        _ => name.strip_suffix('s').unwrap_or(name),
    }
}

/// Returns a usual value of an enumeration, by the member's name.
fn setting(name: &str) -> &'static str {
    match name {
        "launchType" | "compatibilitie" | "requiresCompatibilitie" | "compatibility" => "FARGATE",
        "schedulingStrategy" => "REPLICA",
        "propagateTags" => "SERVICE",
        "assignPublicIp" => "DISABLED",
        "desiredStatus" => "RUNNING",
        "sort" => "DESC",
        "include" => "TAGS",
        "targetType" => "container-instance",
        "unit" => "PERCENT",
        "type" | "deploymentController" => "ECS",
        "action" => "CONTINUE",
        "stopType" => "ROLLBACK",
        "logging" => "DEFAULT",
        "logDriver" => "awslogs",
        "cpuArchitecture" => "ARM64",
        "operatingSystemFamily" => "LINUX",
        "networkMode" => "awsvpc",
        "protocol" | "transportProtocol" => "tcp",
        "appProtocol" => "http",
        "name" => "containerInsights",
        "ipAddressType" => "ipv4",
        "scheme" => "internet-facing",
        "strategy" => "ROLLING",
        "availabilityZoneRebalancing" | "managedDraining" | "managedTerminationProtection" => {
            "ENABLED"
        }
        "resourceManagementType" => "CUSTOMER",
        "healthStatus" => "HEALTHY",
        "accessType" => "PUBLIC",
        "metric" => "AVERAGE_CPU",
        "lifecycleStage" => "POST_SCALE_UP",
        "capacityOptionType" => "ON_DEMAND",
        _ => "ACTIVE",
    }
}
