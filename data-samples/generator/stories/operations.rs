//! The daily business: instances, capacity, tags, settings, and the end of things.

use super::{Tale, number};
use crate::callers::Who;
use crate::json::{Json, object};
use crate::record::Call;

/// An instance joins its cluster, gets a new agent, is drained and leaves.
pub(super) fn container_instances(tale: &mut Tale<'_>) {
    let cluster = "batch";
    tale.about(cluster, "");
    let mut random = tale.world.stable(&["instance", &tale.setting.chapter.to_string()]);
    let instance =
        crate::world::Instance { id: random.hex(32), ec2: format!("i-{}", random.hex(17)) };
    let registered = tale.clock;
    let arn = tale.world.instance_arn(cluster, &instance);
    let agent = Who::Agent(&instance.ec2);
    let shown = |tale: &Tale<'_>, status, running| {
        tale.world.instance_payload(cluster, &instance, (status, running), registered)
    };
    let call = Call::ecs("RegisterContainerInstance")
        .request(tale.world.registration(cluster, &instance, tale.clock))
        .response(object! { "containerInstance": shown(tale, "ACTIVE", 0) });
    tale.call(agent, call, "the instance joins the cluster");
    let call = Call::ecs("DiscoverPollEndpoint")
        .request(object! { "containerInstance": arn, "cluster": cluster });
    tale.call(agent, call, "asks where to listen");
    tale.wait(400, 900);
    let call = Call::ecs("UpdateContainerAgent")
        .request(object! { "cluster": cluster, "containerInstance": arn })
        .response(object! { "containerInstance": shown(tale, "ACTIVE", 2) });
    tale.call(Who::Shell("paulo"), call, "gets a new agent");
    tale.wait(400, 900);
    let call = Call::ecs("UpdateContainerInstancesState")
        .request(object! { "cluster": cluster, "containerInstances": [&instance.id], "status": "DRAINING" })
        .response(object! {
            "containerInstances": [shown(tale, "DRAINING", 2)],
            "failures": Vec::<Json>::new(),
        });
    tale.call(Who::Shell("paulo"), call, "is drained");
    tale.wait(200, 400);
    let call = Call::ecs("DescribeContainerInstances")
        .request(object! { "cluster": cluster, "containerInstances": [&instance.id] });
    tale.call(Who::Shell("paulo"), call, "is looked at");
    let call = Call::ecs("DeregisterContainerInstance")
        .request(object! { "cluster": cluster, "containerInstance": arn, "force": false })
        .response(object! { "containerInstance": shown(tale, "INACTIVE", 0) });
    tale.call(Who::Shell("paulo"), call, "leaves the cluster");
    tale.fact("container_instance", &instance.id);
    tale.fact("ec2_instance", &instance.ec2);
}

pub(super) fn capacity_providers(tale: &mut Tale<'_>) {
    tale.about("batch", "");
    let name = format!("batch-spot-{}", tale.setting.chapter + 1);
    let call = Call::ecs("CreateCapacityProvider")
        .request(object! {
            "name": name,
            "autoScalingGroupProvider": tale.world.group_provider(&name, 80),
        })
        .response(object! { "capacityProvider": tale.world.capacity_provider_payload(&name, 80) });
    tale.call(Who::Terraform, call, "creates a capacity provider");
    let call = Call::ecs("UpdateCapacityProvider")
        .request(object! {
            "name": name,
            "autoScalingGroupProvider": object! {
                "managedScaling": object! { "status": "ENABLED", "targetCapacity": 95 },
            },
        })
        .response(object! { "capacityProvider": tale.world.capacity_provider_payload(&name, 95) });
    tale.call(Who::Terraform, call, "fills its instances more");
    let call =
        Call::ecs("DescribeCapacityProviders").request(object! { "capacityProviders": [&name] });
    tale.call(Who::Terraform, call, "looks at it");
    let call = tale.beside(("batch", "exports"), "", |scene| scene.scaling_groups());
    tale.call(Who::Terraform, call, "looks at its group");
    tale.fact("capacity_provider", &name);
    tale.fact("target_capacity", &95);
}

pub(super) fn tags(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    tale.about("production", &name);
    let service = tale.world.service("production", &name).clone();
    let arn = tale.world.service_arn(&service);
    let call = Call::ecs("TagResource").request(object! {
        "resourceArn": arn,
        "tags": [
            object! { "key": "cost-center", "value": "4711" },
            object! { "key": "owner", "value": "team-shop" },
        ],
    });
    tale.call(Who::Shell("akua"), call, "tags the service");
    tale.wait(60, 600);
    let call = Call::ecs("ListTagsForResource").request(object! { "resourceArn": arn });
    tale.call(Who::Shell("akua"), call, "reads the tags");
    let call =
        Call::ecs("UntagResource").request(object! { "resourceArn": arn, "tagKeys": ["owner"] });
    tale.call(Who::Shell("akua"), call, "takes a tag away");
    tale.fact("tags_added", &["cost-center", "owner"]);
    tale.fact("tags_removed", &["owner"]);
}

/// Root signs in without a second factor and changes how the account uses ECS.
pub(super) fn account_settings(tale: &mut Tale<'_>) {
    let about = ("production", "storefront");
    tale.about("production", "");
    let account = tale.world.account.clone();
    let root = format!("arn:aws:iam::{account}:root");
    let signed_in = super::access::root_signs_in(tale);
    let call = tale.beside(about, "", |scene| scene.console_sign_in(false));
    tale.call_as(&signed_in, call, "root signs in without a second factor");
    tale.wait(60, 200);
    let setting = |name: &str, value: &str| {
        object! { "name": name, "value": value, "principalArn": root, "type": "user" }
    };
    let call = Call::ecs("ListAccountSettings").request(object! { "effectiveSettings": true });
    tale.call(Who::Root, call, "reads the settings");
    let call = Call::ecs("PutAccountSettingDefault")
        .request(object! { "name": "containerInsights", "value": "enabled" })
        .response(object! { "setting": setting("containerInsights", "enabled") });
    tale.call(Who::Root, call, "turns Container Insights on for all");
    let call = Call::ecs("PutAccountSetting")
        .request(object! { "name": "taskLongArnFormat", "value": "enabled" })
        .response(object! { "setting": setting("taskLongArnFormat", "enabled") });
    tale.call(Who::Root, call, "asks for long ARNs");
    let call = Call::ecs("DeleteAccountSetting")
        .request(object! { "name": "awsvpcTrunking" })
        .response(object! { "setting": setting("awsvpcTrunking", "disabled") });
    tale.call(Who::Root, call, "takes trunking back");
    tale.fact("settings", &["containerInsights", "taskLongArnFormat", "awsvpcTrunking"]);
    tale.fact("changed_by", "root");
}

/// A program asks faster than ECS answers.
pub(super) fn throttling(tale: &mut Tale<'_>) {
    tale.about("production", "");
    let who = Who::Python("inventory", "inventory-sweep");
    for round in 0..4 {
        let name = if round % 2 == 0 { "DescribeServices" } else { "ListTasks" };
        let call = Call::ecs(name).fails("ThrottlingException", "Rate exceeded");
        tale.call(who, call, "is asked to slow down");
    }
    tale.fact("throttled_calls", &4);
}

/// The end of a service and of a cluster.
pub(super) fn deletion(tale: &mut Tale<'_>) {
    let cluster = format!("preview-{}", tale.setting.chapter + 1);
    let name = format!("preview-{}", tale.cast[0]);
    let about = (cluster.as_str(), name.as_str());
    tale.about(about.0, about.1);
    let who = Who::Console("maria");
    tale.world.service(about.0, about.1).scale(0, &mut tale.random);
    tale.update(who, about, &[("desiredCount", number(0))], "scales to nothing");
    tale.wait(60, 120);
    let call = Call::ecs("DeleteCluster").fails(
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
    );
    tale.call(who, call, "is refused: the cluster has services");
    let service = tale.world.service(about.0, about.1);
    service.status = "DRAINING";
    service.version += 1;
    let service = service.clone();
    let payload = tale.world.service_payload(&service, tale.clock, 2, &mut tale.random);
    let call = Call::ecs("DeleteService")
        .request(object! { "cluster": about.0, "service": about.1, "force": true })
        .response(object! { "service": payload });
    tale.call(who, call, "deletes the service");
    let definition = tale.world.next_revision(about.0, about.1);
    let arn = tale.world.caller(who, tale.clock).arn;
    let payload = tale.world.task_definition_payload(
        &definition,
        (tale.clock - 864_000, &arn),
        Some(tale.clock),
    );
    let reference = format!("{}:{}", about.1, definition.revision);
    let call = Call::ecs("DeregisterTaskDefinition")
        .request(object! { "taskDefinition": reference })
        .response(object! { "taskDefinition": payload });
    tale.call(who, call, "deregisters its task definition");
    let call = Call::ecs("DeleteTaskDefinitions")
        .request(object! { "taskDefinitions": [&reference] })
        .response(object! { "taskDefinitions": [payload], "failures": Vec::<Json>::new() });
    tale.call(who, call, "deletes its task definition");
    tale.wait(200, 300);
    let call = Call::ecs("DeleteCluster").request(object! { "cluster": about.0 }).response(
        object! { "cluster": tale.world.cluster_payload(about.0, "INACTIVE", "disabled") },
    );
    tale.call(who, call, "deletes the cluster");
    tale.fact("deleted", &[about.0.to_owned(), about.1.to_owned(), reference]);
    tale.world.services.remove(&(cluster.clone(), name.clone()));
}
