//! What a security team looks for: shells in tasks, risky task definitions, denied calls, places
//! where nobody should be.

use super::Tale;
use crate::callers::Who;
use crate::json::object;
use crate::record::Call;

impl Tale<'_> {
    /// Opens a session in a task with ECS Exec; returns the session's id.
    pub(super) fn execute(
        &mut self,
        who: &crate::callers::Caller,
        about: (&str, &str),
        task: &str,
        command: &str,
        says: &str,
    ) -> String {
        let session = format!("ecs-execute-command-{}", self.random.lower(17));
        let call = Call::ecs("ExecuteCommand")
            .request(object! {
                "cluster": about.0,
                "container": about.1,
                "command": command,
                "interactive": true,
                "task": task,
            })
            .response(self.world.session_payload(about, task, &session));
        self.call_as(who, call, says);
        session
    }
}

/// A person opens a shell in a task, as is allowed.
pub(super) fn exec_session(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let service = tale.world.service(about.0, about.1).clone();
    let task = service.tasks[0].clone();
    let call = Call::ecs("DescribeTasks").request(object! { "cluster": about.0, "tasks": [&task] });
    tale.call(Who::Shell("maria"), call, "looks at the task");
    let caller = tale.world.caller(Who::Shell("maria"), tale.clock);
    let session = tale.execute(&caller, about, &task, "/bin/sh", "opens a shell");
    let call = tale.beside(about, &task, |scene| scene.start_session("production", &session));
    tale.call(Who::Ecs, call, "the session starts");
    let call = tale.beside(about, &task, |scene| scene.control_channel());
    tale.call(Who::Task(&service.task_role, &task), call, "the task answers");
    tale.fact("task_id", &task);
    tale.fact("command", "/bin/sh");
    tale.fact("session_id", &session);
    tale.fact("executed_by", "maria@example.com");
}

/// A monitoring task that owns its host: privileged, root, the Docker socket, the host's processes.
pub(super) fn risky_task_definition(tale: &mut Tale<'_>) {
    let name = "node-monitor";
    tale.about("batch", name);
    let mut definition = tale.world.next_revision("batch", name);
    "public.ecr.aws/example/node-monitor:latest".clone_into(&mut definition.image);
    definition.fargate = false;
    definition.user = "root";
    definition.privileged = true;
    definition.host_process_ids = true;
    definition.host_volume = Some("/var/run/docker.sock");
    definition.secret = false;
    tale.register(
        Who::Shell("paulo"),
        &definition,
        "registers a task definition that owns its host",
    );
    let call = Call::ecs("DescribeTaskDefinition")
        .request(object! { "taskDefinition": name, "include": ["TAGS"] });
    tale.call(Who::Reader("li"), call, "is read by another");
    tale.fact("revision", &definition.revision);
    tale.fact(
        "risks",
        &[
            "privileged",
            "user root",
            "host volume /var/run/docker.sock",
            "pidMode host",
            "networkMode host",
            "image tag latest",
        ],
    );
}

/// An old record still shows its environment, and secrets in it.
pub(super) fn plain_secrets(tale: &mut Tale<'_>) {
    let name = tale.cast[2].clone();
    let about = ("staging", name.as_str());
    tale.about(about.0, about.1);
    let mut definition = tale.world.next_revision(about.0, about.1);
    definition.environment = Some(vec![
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("DB_PASSWORD", "example"),
        ("LOG_LEVEL", "info"),
    ]);
    tale.register(Who::User("deploy"), &definition, "registers secrets in the clear");
    tale.fact("revision", &definition.revision);
    tale.fact("secret_names", &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD"]);
}

/// A reader tries to write.
pub(super) fn denied(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let service = tale.world.service(about.0, about.1).clone();
    let who = Who::Reader("jo");
    let caller = tale.world.caller(who, tale.clock);
    let arn = tale.world.service_arn(&service);
    let cluster = tale.world.cluster_arn(about.0);
    let role = tale.world.role_arn("ecsTaskExecutionRole");
    for (call, action, resource) in [
        ("UpdateService", "ecs:UpdateService", &arn),
        ("ExecuteCommand", "ecs:ExecuteCommand", &cluster),
        ("RegisterTaskDefinition", "iam:PassRole", &role),
        ("DeleteService", "ecs:DeleteService", &arn),
    ] {
        tale.call_as(&caller, Call::ecs(call).denied(&caller, action, resource), "is denied");
        tale.wait(20, 90);
    }
    tale.fact(
        "denied_actions",
        &["ecs:UpdateService", "ecs:ExecuteCommand", "iam:PassRole", "ecs:DeleteService"],
    );
    tale.fact("caller", &caller.arn);
}

/// A cluster appears where nobody of the account works.
pub(super) fn unusual_region(tale: &mut Tale<'_>) {
    let cluster = format!("sandbox-{}-{}", tale.world.region, tale.setting.chapter + 1);
    tale.about(&cluster, "");
    let caller = tale.abroad.caller(Who::Shell("nikki"), tale.clock);
    let call = Call::ecs("CreateCluster").request(object! { "clusterName": cluster }).response(
        object! { "cluster": tale.abroad.cluster_payload(&cluster, "ACTIVE", "disabled") },
    );
    tale.call_abroad(&caller, call, "creates a cluster in a region that is not used");
    let call = Call::ecs("DescribeClusters").request(object! { "clusters": [&cluster] });
    tale.call_abroad(&caller, call, "looks at it");
    let region = tale.abroad.region.clone();
    tale.fact("unusual_region", &region);
    tale.fact("cluster_created", &cluster);
}
