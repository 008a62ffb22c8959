//! Images, stacks, deployments, alarms: ecr, cloudformation, codedeploy, monitoring,
//! application-autoscaling.

use super::Scene;
use crate::calendar::iso;
use crate::json::object;
use crate::record::{Call, resource};

impl Scene<'_> {
    fn repository(&self) -> String {
        format!("shop/{}", self.service.name)
    }

    fn of_image(&self, name: &'static str) -> Call {
        let arn = self.place("ecr", &format!("repository/{}", self.repository()));
        Call::new("ecr", name)
            .resources(&[resource(&arn, "AWS::ECR::Repository", Some(&self.world.account))])
            .host(format!("api.ecr.{}.amazonaws.com", self.world.region))
    }

    pub(crate) fn registry_token(&mut self) -> Call {
        Call::new("ecr", "GetAuthorizationToken")
            .host(format!("api.ecr.{}.amazonaws.com", self.world.region))
    }

    pub(crate) fn pull_image(&mut self) -> Call {
        let tag = self.world.image_tag(&self.service.name, self.service.revision);
        self.of_image("BatchGetImage").request(object! {
            "registryId": self.world.account,
            "repositoryName": self.repository(),
            "imageIds": [object! { "imageTag": tag }],
            "acceptedMediaTypes": [
                "application/vnd.docker.distribution.manifest.list.v2+json",
                "application/vnd.oci.image.index.v1+json",
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.docker.distribution.manifest.v2+json",
            ],
        })
    }

    pub(crate) fn pull_layer(&mut self) -> Call {
        let digest = self.random.hex(64);
        self.of_image("GetDownloadUrlForLayer").request(object! {
            "registryId": self.world.account,
            "repositoryName": self.repository(),
            "layerDigest": format!("sha256:{digest}"),
        })
    }

    pub(crate) fn check_layers(&mut self) -> Call {
        let digests: Vec<_> =
            (0..=self.random.below(3)).map(|_| format!("sha256:{}", self.random.hex(64))).collect();
        self.of_image("BatchCheckLayerAvailability").request(object! {
            "registryId": self.world.account,
            "repositoryName": self.repository(),
            "layerDigests": digests,
        })
    }

    pub(crate) fn push_image(&mut self, tag: &str) -> Call {
        let digests = [self.random.hex(64), self.random.hex(64), self.random.hex(64)];
        let manifest = format!(
            "{{\n  \"schemaVersion\": 2,\n  \"mediaType\": \"application/vnd.oci.image.manifest.v1+json\",\n  \"config\": {{\n    \"digest\": \"sha256:{}\",\n    \"size\": 7682\n  }},\n  \"layers\": [\n    {{\n      \"digest\": \"sha256:{}\",\n      \"size\": {}\n    }}\n  ]\n}}",
            digests[0],
            digests[1],
            self.random.between(900_000, 90_000_000)
        );
        let media = "application/vnd.oci.image.manifest.v1+json";
        self.of_image("PutImage")
            .request(object! {
                "registryId": self.world.account,
                "repositoryName": self.repository(),
                "imageTag": tag,
                "imageManifestMediaType": media,
                "imageManifest": manifest,
            })
            .response(object! {
                "image": object! {
                    "registryId": self.world.account,
                    "repositoryName": self.repository(),
                    "imageId": object! {
                        "imageDigest": format!("sha256:{}", digests[2]),
                        "imageTag": tag,
                    },
                    "imageManifestMediaType": media,
                },
            })
    }

    /// A lifecycle rule removed an image: an event of the service itself, called by nobody.
    pub(crate) fn expired_image(&mut self) -> Call {
        let action = object! {
            "lifecycleEventImage": object! {
                "digest": format!("sha256:{}", self.random.hex(64)),
                "tagStatus": "Untagged",
                "tagList": Vec::<String>::new(),
                "pushedAt": (self.time - 2_592_000) * 1000,
            },
            "rulePriority": 1,
        };
        self.of_image("PolicyExecutionEvent").writes().details(object! {
            "repositoryName": self.repository(),
            "lifecycleEventPolicy": object! {
                "lifecycleEventRules": [object! { "rulePriority": 1, "description": "keep 30 images" }],
                "lastEvaluatedAt": self.time * 1000,
            },
            "lifecycleEventImageActions": [action],
        })
    }

    pub(crate) fn describe_stacks(&mut self) -> Call {
        let stack = self.world.stable(&["stack", &self.service.name]).guid();
        let name = format!("shop-{}", self.service.name);
        Call::new("cloudformation", "DescribeStacks").request(object! {
            "stackName": self.place("cloudformation", &format!("stack/{name}/{stack}")),
        })
    }

    pub(crate) fn update_stack(&mut self) -> Call {
        let stack = self.world.stable(&["stack", &self.service.name]).guid();
        let name = format!("shop-{}", self.service.name);
        Call::new("cloudformation", "UpdateStack")
            .request(object! {
                "stackName": name,
                "capabilities": ["CAPABILITY_IAM"],
                "parameters": [object! { "parameterKey": "Release", "parameterValue": iso(self.time) }],
                "clientRequestToken": self.random.guid(),
            })
            .response(object! {
                "stackId": self.place("cloudformation", &format!("stack/{name}/{stack}")),
            })
    }

    pub(crate) fn deployment_state(&mut self) -> Call {
        Call::new("codedeploy", "GetDeployment")
            .request(object! { "deploymentId": format!("d-{}", self.random.upper(9)) })
    }

    pub(crate) fn describe_alarms(&mut self) -> Call {
        Call::new("monitoring", "DescribeAlarms").request(object! {
            "alarmNamePrefix": format!(
                "TargetTracking-service/{}/{}",
                self.service.cluster, self.service.name
            ),
            "maxRecords": 100,
        })
    }

    pub(crate) fn scalable_targets(&mut self) -> Call {
        Call::new("application-autoscaling", "DescribeScalableTargets").request(object! {
            "serviceNamespace": "ecs",
            "resourceIds": [format!("service/{}/{}", self.service.cluster, self.service.name)],
            "scalableDimension": "ecs:service:DesiredCount",
        })
    }

    pub(crate) fn register_scalable_target(&mut self, low: u64, high: u64) -> Call {
        let target = self.world.stable(&["scalable", &self.service.name]).hex(28);
        Call::new("application-autoscaling", "RegisterScalableTarget")
            .request(object! {
                "serviceNamespace": "ecs",
                "resourceId": format!("service/{}/{}", self.service.cluster, self.service.name),
                "scalableDimension": "ecs:service:DesiredCount",
                "minCapacity": low,
                "maxCapacity": high,
            })
            .response(object! {
                "scalableTargetARN":
                    self.place("application-autoscaling", &format!("scalable-target/0ec5{target}")),
            })
    }

    pub(crate) fn scaling_policy(&mut self) -> Call {
        let policy = self.random.guid();
        let name = format!("{}-cpu", self.service.name);
        Call::new("application-autoscaling", "PutScalingPolicy")
            .request(object! {
                "policyName": name,
                "policyType": "TargetTrackingScaling",
                "serviceNamespace": "ecs",
                "resourceId": format!("service/{}/{}", self.service.cluster, self.service.name),
                "scalableDimension": "ecs:service:DesiredCount",
                "targetTrackingScalingPolicyConfiguration": object! {
                    "targetValue": crate::json::Json::verbatim("60.0"),
                    "predefinedMetricSpecification":
                        object! { "predefinedMetricType": "ECSServiceAverageCPUUtilization" },
                    "scaleInCooldown": 120,
                    "scaleOutCooldown": 60,
                },
            })
            .response(object! {
                "policyARN": self.place(
                    "autoscaling",
                    &format!("scalingPolicy:{policy}:resource/ecs/service/{}/{}:policyName/{name}", self.service.cluster, self.service.name)
                ),
                "alarms": Vec::<String>::new(),
            })
    }
}
