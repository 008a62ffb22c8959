//! Machines and networks: ec2, elasticloadbalancing, autoscaling, servicediscovery, lambda.

use super::Scene;
use crate::json::object;
use crate::record::Call;

impl Scene<'_> {
    pub(crate) fn describe_instances(&mut self) -> Call {
        let items: Vec<_> = self
            .world
            .instances
            .iter()
            .take(1 + self.random.position(3))
            .map(|instance| object! { "instanceId": instance.ec2 })
            .collect();
        Call::new("ec2", "DescribeInstances").request(object! {
            "instancesSet": object! { "items": items },
            "filterSet": Self::empty(),
        })
    }

    pub(crate) fn describe_subnets(&mut self) -> Call {
        let filter = object! {
            "name": "vpc-id",
            "valueSet": object! { "items": [object! { "value": self.world.network_id }] },
        };
        Call::new("ec2", "DescribeSubnets").request(object! {
            "subnetSet": Self::empty(),
            "filterSet": object! { "items": [filter] },
        })
    }

    fn network_interface_id(&self) -> String {
        format!("eni-{}", self.world.stable(&["interface", self.task]).hex(17))
    }

    pub(crate) fn describe_interfaces(&mut self) -> Call {
        let item = object! { "networkInterfaceId": self.network_interface_id() };
        Call::new("ec2", "DescribeNetworkInterfaces").request(object! {
            "networkInterfaceIdSet": object! { "items": [item] },
            "filterSet": Self::empty(),
        })
    }

    pub(crate) fn create_interface(&mut self) -> Call {
        let world = self.world;
        let attachment = world.stable(&["attachment", self.task]).guid();
        let group = object! { "groupId": world.security_group };
        let mac = self.random.hex(10);
        let pairs: Vec<&str> = [0, 2, 4, 6, 8].iter().map(|at| &mac[*at..at + 2]).collect();
        Call::new("ec2", "CreateNetworkInterface")
            .request(object! {
                "subnetId": world.subnets[0],
                "description": world.ecs_arn(&format!("attachment/{attachment}")),
                "groupSet": object! { "items": [group] },
                "privateIpAddressesSet": Self::empty(),
                "clientToken": self.random.guid(),
            })
            .response(object! {
                "requestId": self.random.guid(),
                "networkInterface": object! {
                    "networkInterfaceId": self.network_interface_id(),
                    "subnetId": world.subnets[0],
                    "vpcId": world.network_id,
                    "availabilityZone": format!("{}a", world.region),
                    "description": world.ecs_arn(&format!("attachment/{attachment}")),
                    "ownerId": world.account,
                    "requesterManaged": false,
                    "status": "pending",
                    "macAddress": format!("0a:{}", pairs.join(":")),
                    "privateIpAddress": self.task_address(),
                    "sourceDestCheck": true,
                    "interfaceType": "interface",
                    "groupSet": object! { "items": [object! {
                        "groupId": world.security_group,
                        "groupName": self.service.name,
                    }] },
                    "tagSet": Self::empty(),
                },
            })
    }

    pub(crate) fn delete_interface(&mut self) -> Call {
        Call::new("ec2", "DeleteNetworkInterface")
            .request(object! { "networkInterfaceId": self.network_interface_id() })
            .response(object! { "requestId": self.random.guid(), "_return": true })
    }

    pub(crate) fn register_targets(&mut self) -> Call {
        self.targets("RegisterTargets")
    }

    pub(crate) fn deregister_targets(&mut self) -> Call {
        self.targets("DeregisterTargets")
    }

    fn targets(&mut self, name: &'static str) -> Call {
        Call::new("elasticloadbalancing", name)
            .request(object! {
                "targetGroupArn": self.world.target_group_arn(self.service),
                "targets": [object! {
                    "id": self.task_address(),
                    "port": self.service.port,
                    "availabilityZone": format!("{}a", self.world.region),
                }],
            })
            .api_version("2015-12-01")
    }

    pub(crate) fn target_health(&mut self) -> Call {
        Call::new("elasticloadbalancing", "DescribeTargetHealth")
            .request(object! { "targetGroupArn": self.world.target_group_arn(self.service) })
            .api_version("2015-12-01")
    }

    pub(crate) fn load_balancers(&mut self) -> Call {
        let size = *self.random.pick(&[100, 200, 400]);
        Call::new("elasticloadbalancing", "DescribeLoadBalancers")
            .request(object! { "pageSize": size })
            .api_version("2015-12-01")
    }

    pub(crate) fn scaling_groups(&mut self) -> Call {
        Call::new("autoscaling", "DescribeAutoScalingGroups").request(object! {
            "autoScalingGroupNames": [format!("ecs-{}", self.service.cluster)],
            "maxRecords": 100,
        })
    }

    pub(crate) fn set_capacity(&mut self) -> Call {
        Call::new("autoscaling", "SetDesiredCapacity").request(object! {
            "autoScalingGroupName": format!("ecs-{}", self.service.cluster),
            "desiredCapacity": self.random.between(2, 9),
            "honorCooldown": false,
        })
    }

    pub(crate) fn discovery(&mut self, registers: bool) -> Call {
        let service = self.world.stable(&["discovery", &self.service.name]).lower(16);
        let operation = self.random.lower(26);
        let response = object! { "operationId": format!("{operation}-{}", &service[..8]) };
        if !registers {
            return Call::new("servicediscovery", "DeregisterInstance")
                .request(object! { "serviceId": format!("srv-{service}"), "instanceId": self.task })
                .response(response);
        }
        Call::new("servicediscovery", "RegisterInstance")
            .request(object! {
                "serviceId": format!("srv-{service}"),
                "instanceId": self.task,
                "attributes": object! {
                    "AVAILABILITY_ZONE": format!("{}a", self.world.region),
                    "AWS_INIT_HEALTH_STATUS": "HEALTHY",
                    "AWS_INSTANCE_IPV4": self.task_address(),
                    "ECS_CLUSTER_NAME": self.service.cluster,
                    "ECS_SERVICE_NAME": self.service.name,
                    "ECS_TASK_DEFINITION_FAMILY": self.service.name,
                    "REGION": self.world.region,
                },
            })
            .response(response)
    }

    pub(crate) fn function(&mut self) -> Call {
        let name = format!("{}-after-deploy", self.service.name);
        Call::new("lambda", "GetFunction20150331v2").request(object! {
            "functionName": self.place("lambda", &format!("function:{name}")),
        })
    }
}
