//! Services are created, deployed, rolled back, restarted, changed by hand.

use super::{Tale, number, yes};
use crate::callers::Who;
use crate::json::object;
use crate::record::Call;
use crate::world::deployment_id;

/// Terraform lays the clusters and creates the chapter's services.
pub(super) fn foundation(tale: &mut Tale<'_>) {
    tale.about("production", "");
    let first = tale.setting.chapter == 0;
    let clusters = if first {
        vec!["production".to_owned(), "staging".to_owned()]
    } else {
        vec![format!("preview-{}", tale.setting.chapter)]
    };
    for cluster in &clusters {
        let call = Call::ecs("CreateCluster")
            .request(object! {
                "clusterName": cluster,
                "tags": [object! { "key": "team", "value": "shop" }],
                "settings": [object! { "name": "containerInsights", "value": "enabled" }],
                "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            })
            .response(
                object! { "cluster": tale.world.cluster_payload(cluster, "ACTIVE", "enabled") },
            );
        tale.call(Who::Terraform, call, &format!("creates the cluster {cluster}"));
    }
    tale.fact("clusters_created", &clusters);
    let strategy = [object! { "capacityProvider": "FARGATE", "weight": 1, "base": 1 }];
    let call = Call::ecs("PutClusterCapacityProviders")
        .request(object! {
            "cluster": clusters[0],
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": strategy,
        })
        .response(
            object! { "cluster": tale.world.cluster_payload(&clusters[0], "ACTIVE", "enabled") },
        );
    tale.call(Who::Terraform, call, "sets the default capacity providers");
    let [one, two, three] = tale.cast.clone();
    for (cluster, name) in [("production", one.as_str()), ("production", &two), ("staging", &three)]
    {
        let definition = tale.world.next_revision(cluster, name);
        tale.register(
            Who::Terraform,
            &definition,
            &format!("registers {name}:{}", definition.revision),
        );
        let clock = tale.clock;
        let deployment = deployment_id(&mut tale.random);
        let service = tale.world.service(cluster, name);
        service.created = clock;
        service.deployed = clock;
        service.previous = None;
        service.deployment = deployment;
        service.revision = definition.revision;
        service.version = 0;
        service.running = 0;
        let service = service.clone();
        let payload = tale.world.service_payload(&service, clock, 0, &mut tale.random);
        let call = Call::ecs("CreateService")
            .request(tale.world.service_request(&service))
            .response(object! { "service": payload });
        tale.call(Who::Terraform, call, &format!("creates the service {name}"));
        tale.world.service(cluster, name).running = service.desired;
    }
    let call = tale.beside(("production", &one), "", |scene| scene.register_scalable_target(2, 12));
    tale.call(Who::Terraform, call, "lets it be scaled");
    let call = tale.beside(("production", &one), "", |scene| scene.scaling_policy());
    tale.call(Who::Terraform, call, "scales it by CPU");
    tale.poll(Who::Terraform, ("production", &one), 1);
    tale.fact("services_created", &[&one, &two, &three]);
}

/// A deployment from GitHub Actions, with all that its first task does to neighbours.
pub(super) fn deployment(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let before = tale.world.service(about.0, about.1).revision;
    let definition = tale.world.next_revision(about.0, about.1);
    let caller = super::access::web_identity(
        tale,
        "token.actions.githubusercontent.com",
        "repo:example-shop/shop:ref:refs/heads/main",
    );
    let call = tale
        .beside(about, "", |scene| scene.assume_by_web_identity("github-deploy", "GitHubActions"));
    tale.call_as(&caller, call, "trades its token for a role");
    let call = tale.beside(about, "", |scene| scene.registry_token());
    tale.call(Who::GitHub, call, "signs in to the registry");
    let tag = tale.world.image_tag(&name, definition.revision);
    let call = tale.beside(about, "", |scene| scene.push_image(&tag));
    tale.call(Who::GitHub, call, &format!("pushes the image {tag}"));
    tale.register(Who::GitHub, &definition, &format!("registers {name}:{}", definition.revision));
    tale.deploy(
        Who::GitHub,
        about,
        definition.revision,
        &format!("deploys revision {}", definition.revision),
    );
    tale.poll(Who::GitHub, about, 1);
    let task = tale.task_starts(about);
    tale.poll(Who::GitHub, about, 1);
    let call = tale.beside(about, &task, |scene| scene.deregister_targets());
    tale.call(Who::Ecs, call, "takes an old task out of the target group");
    tale.world.service(about.0, about.1).previous = None;
    tale.fact("revision_before", &before);
    tale.fact("revision_after", &definition.revision);
    tale.fact("image_before", &tale.world.image(&name, before));
    tale.fact("image_after", &definition.image);
    tale.fact("task_id", &task);
}

fn plain_deployment(tale: &mut Tale<'_>, who: Who<'_>, about: (&str, &str), polls: usize) {
    tale.about(about.0, about.1);
    let before = tale.world.service(about.0, about.1).revision;
    let definition = tale.world.next_revision(about.0, about.1);
    tale.register(who, &definition, &format!("registers {}:{}", about.1, definition.revision));
    tale.deploy(
        who,
        about,
        definition.revision,
        &format!("deploys revision {}", definition.revision),
    );
    tale.poll(who, about, polls);
    tale.world.service(about.0, about.1).previous = None;
    tale.fact("revision_before", &before);
    tale.fact("revision_after", &definition.revision);
    tale.fact("image_before", &tale.world.image(about.1, before));
    tale.fact("image_after", &definition.image);
}

pub(super) fn by_pipeline(tale: &mut Tale<'_>) {
    let name = tale.cast[1].clone();
    plain_deployment(tale, Who::CodePipeline, ("production", &name), 1);
}

pub(super) fn by_stack(tale: &mut Tale<'_>) {
    let name = tale.cast[2].clone();
    let call = tale.beside(("staging", &name), "", |scene| scene.update_stack());
    tale.call(Who::Shell("paulo"), call, "updates the stack");
    plain_deployment(tale, Who::CloudFormation, ("staging", &name), 1);
}

/// CDK swaps a revision in, three times within an hour.
pub(super) fn in_a_row(tale: &mut Tale<'_>) {
    let name = tale.cast[2].clone();
    let about = ("staging", name.as_str());
    tale.about(about.0, about.1);
    let mut revisions = vec![tale.world.service(about.0, about.1).revision];
    for _ in 0..3 {
        let definition = tale.world.next_revision(about.0, about.1);
        tale.register(Who::Cdk, &definition, &format!("registers {name}:{}", definition.revision));
        tale.deploy(
            Who::Cdk,
            about,
            definition.revision,
            &format!("deploys revision {}", definition.revision),
        );
        revisions.push(definition.revision);
        tale.wait(300, 700);
    }
    tale.world.service(about.0, about.1).previous = None;
    tale.fact("revisions", &revisions);
}

/// A release goes wrong and a person returns to the older revision.
pub(super) fn rollback(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let before = tale.world.service(about.0, about.1).revision;
    let definition = tale.world.next_revision(about.0, about.1);
    tale.register(Who::GitHub, &definition, &format!("registers {name}:{}", definition.revision));
    tale.deploy(
        Who::GitHub,
        about,
        definition.revision,
        &format!("deploys revision {}", definition.revision),
    );
    tale.poll(Who::GitHub, about, 2);
    let task = tale.world.service(about.0, about.1).tasks[0].clone();
    let instance = tale.world.instances[0].ec2.clone();
    let reason = format!("{name}: exited before it was healthy");
    let call = Call::ecs("SubmitTaskStateChange")
        .request(tale.world.task_state(about, &task, tale.clock, Some((1, &reason))))
        .response(object! { "acknowledgment": "ACK" });
    tale.call(Who::Agent(&instance), call, "a new task ends with exit code 1");
    tale.wait(240, 600);
    let call = Call::ecs("DescribeServices")
        .request(object! { "cluster": about.0, "services": [about.1] });
    tale.call(Who::Console("maria"), call, "looks at the service");
    let call = Call::ecs("ListTaskDefinitions").request(object! {
        "familyPrefix": name,
        "status": "ACTIVE",
        "sort": "DESC",
        "maxResults": 100,
    });
    tale.call(Who::Console("maria"), call, "looks for the older revision");
    tale.wait(30, 90);
    tale.deploy(Who::Console("maria"), about, before, &format!("returns to revision {before}"));
    tale.world.service(about.0, about.1).previous = None;
    tale.fact("revision_before", &before);
    tale.fact("revision_failed", &definition.revision);
    tale.fact("revision_after", &before);
    tale.fact("rolled_back_by", "maria@example.com");
}

pub(super) fn forced(tale: &mut Tale<'_>) {
    let name = tale.cast[1].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    tale.poll(Who::Shell("jo"), about, 1);
    let clock = tale.clock;
    let revision = tale.world.service(about.0, about.1).revision;
    tale.world.service(about.0, about.1).deploy(revision, clock, &mut tale.random);
    tale.update(
        Who::Shell("jo"),
        about,
        &[("forceNewDeployment", yes(true))],
        "restarts all tasks of the same revision",
    );
    tale.world.service(about.0, about.1).previous = None;
    tale.fact("revision", &revision);
    tale.fact("restarted_by", "jo@example.com");
}

/// A revision with other roles, size and environment; the environment is shown in the clear, as
/// records before its redaction do.
pub(super) fn changed_task_definition(tale: &mut Tale<'_>) {
    let name = tale.cast[1].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let mut definition = tale.world.next_revision(about.0, about.1);
    definition.environment = Some(vec![("LOG_LEVEL", "info"), ("STAGE", "production")]);
    tale.register(
        Who::Terraform,
        &definition,
        &format!("registers {name}:{}", definition.revision),
    );
    let first = definition.revision;
    let role_before = definition.task_role.clone();
    let size_before = definition.cpu;
    tale.wait(200, 500);
    definition = tale.world.next_revision(about.0, about.1);
    definition.environment =
        Some(vec![("LOG_LEVEL", "debug"), ("STAGE", "production"), ("FEATURE_RANKING", "on")]);
    definition.task_role = format!("{name}-task-v{}", definition.revision);
    definition.cpu = size_before * 2;
    definition.memory *= 2;
    tale.register(
        Who::Terraform,
        &definition,
        &format!(
            "registers {name}:{} with another role, size and environment",
            definition.revision
        ),
    );
    let service = tale.world.service(about.0, about.1);
    service.task_role.clone_from(&definition.task_role);
    tale.deploy(
        Who::Terraform,
        about,
        definition.revision,
        &format!("deploys revision {}", definition.revision),
    );
    tale.world.service(about.0, about.1).previous = None;
    tale.fact("revision_before", &first);
    tale.fact("revision_after", &definition.revision);
    tale.fact("task_role_before", &role_before);
    tale.fact("task_role_after", &definition.task_role);
    tale.fact("cpu_before", &size_before);
    tale.fact("cpu_after", &definition.cpu);
    tale.fact("environment_name_added", "FEATURE_RANKING");
}

/// What Terraform made, a person changes in the console; the next run takes it back.
pub(super) fn drift(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let declared = tale.world.service(about.0, about.1).desired;
    tale.poll(Who::Console("akua"), about, 1);
    tale.world.service(about.0, about.1).scale(declared + 3, &mut tale.random);
    tale.update(
        Who::Console("akua"),
        about,
        &[("desiredCount", number(declared + 3))],
        "changes by hand what Terraform declared",
    );
    tale.wait(1500, 2400);
    tale.world.service(about.0, about.1).scale(declared, &mut tale.random);
    tale.update(Who::Terraform, about, &[("desiredCount", number(declared))], "takes it back");
    tale.fact("declared_count", &declared);
    tale.fact("drifted_count", &(declared + 3));
    tale.fact("changed_by", "akua@example.com");
}
