//! A stolen key: looking around, a shell through ECS Exec, a task's credentials used elsewhere,
//! and mining in a region that nobody watches.

use super::{Tale, yes};
use crate::calendar::HOUR;
use crate::callers::{Caller, Channel, Who};
use crate::json::{Json, object};
use crate::neighbours::Scene;
use crate::payload::task::Task;
use crate::payload::task_definition::TaskDefinition;
use crate::record::Call;

type Make = fn(&mut Scene<'_>) -> Call;

const LOOT: &str = "curl 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const AGENT: &str = "aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0-kali9-amd64 exe/x86_64.kali.2023 prompt/off command/$command";

pub(super) fn intrusion(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let address =
        (*tale.random.pick(&["203.0.113.66", "198.51.100.222", "192.0.2.203"])).to_owned();
    let user = "ci-backup";
    let thief = tale.world.user(user, address.clone(), AGENT, Channel::Cli);
    looks_around(tale, &thief, about);
    let task = takes_a_shell(tale, &thief, about);
    uses_the_task_role(tale, about, &task, &address);
    tale.wait(300, 900);
    mines(tale, user, &address);
    tale.fact("user", &format!("arn:aws:iam::{}:user/ci/{user}", tale.world.account));
    tale.fact("address", &address);
}

fn looks_around(tale: &mut Tale<'_>, thief: &Caller, about: (&str, &str)) {
    let service = tale.world.service(about.0, about.1).clone();
    let call = tale.beside(about, "", |scene| scene.caller_identity());
    tale.call_as(thief, call, "asks who the key belongs to");
    tale.call_as(thief, Call::ecs("ListClusters"), "lists the clusters");
    for name in ["ListServices", "ListTasks"] {
        let call = Call::ecs(name).request(object! { "cluster": about.0 });
        tale.call_as(thief, call, "lists what is in the cluster");
    }
    let call = Call::ecs("DescribeTaskDefinition").request(object! { "taskDefinition": about.1 });
    tale.call_as(thief, call, "reads the task definition");
    let call = Call::ecs("DescribeServices")
        .request(object! { "cluster": about.0, "services": [about.1] });
    tale.call_as(thief, call, "reads the service");
    let family = tale.world.task_definition_arn(about.1, service.revision);
    let call = Call::ecs("RunTask").denied(thief, "ecs:RunTask", &family);
    tale.call_as(thief, call, "is denied to run a task");
    let role = tale.world.role_arn("ecsTaskExecutionRole");
    let call = Call::ecs("RegisterTaskDefinition").denied(thief, "iam:PassRole", &role);
    tale.call_as(thief, call, "is denied to pass a role");
    let call = tale.beside(about, "", |scene| scene.denied_secret(thief));
    tale.call_as(thief, call, "is denied a secret");
    let call = Call::ecs("ExecuteCommand").fails(
        "TargetNotConnectedException",
        "The execute command failed due to an internal error. Try again later.",
    );
    tale.call_as(thief, call, "finds no task that answers ECS Exec");
}

fn takes_a_shell(tale: &mut Tale<'_>, thief: &Caller, about: (&str, &str)) -> String {
    let clock = tale.clock;
    let service = tale.world.service(about.0, about.1);
    let (revision, executed) = (service.revision, service.executes);
    service.executes = true;
    service.deploy(revision, clock, &mut tale.random);
    let service = service.clone();
    let payload = tale.world.service_payload(&service, clock, 4, &mut tale.random);
    let call = Call::ecs("UpdateService")
        .request(object! {
            "cluster": about.0,
            "service": about.1,
            "enableExecuteCommand": yes(true),
            "forceNewDeployment": yes(true),
        })
        .response(object! { "service": payload });
    tale.call_as(thief, call, "switches ECS Exec on");
    tale.wait(120, 240);
    let call =
        Call::ecs("ListTasks").request(object! { "cluster": about.0, "serviceName": about.1 });
    tale.call_as(thief, call, "lists the new tasks");
    let task = service.tasks[0].clone();
    let session = tale.execute(thief, about, &task, LOOT, "reads the credentials of the task role");
    let call = tale.beside(about, &task, |scene| scene.start_session("production", &session));
    tale.call(Who::Ecs, call, "the session starts");
    let service = tale.world.service(about.0, about.1);
    service.executes = executed;
    service.previous = None;
    tale.fact("task_id", &task);
    tale.fact("exec_command", LOOT);
    tale.fact("session_id", &session);
    task
}

fn uses_the_task_role(tale: &mut Tale<'_>, about: (&str, &str), task: &str, address: &str) {
    let role = tale.world.service(about.0, about.1).task_role.clone();
    let caller = |tale: &Tale<'_>| {
        tale.world.role_session((&role, task), tale.clock, address, (AGENT, Channel::Cli), None)
    };
    tale.wait(60, 200);
    let steps: [(Make, &str); 5] = [
        (|scene| scene.caller_identity(), "uses the task role from outside"),
        (|scene| scene.list_buckets(), "lists the buckets"),
        (|scene| scene.secret_value(), "reads the service's secret"),
        (|scene| scene.list_objects(), "lists a bucket"),
        (|scene| scene.get_object(), "takes an object"),
    ];
    for (call, says) in steps {
        let call = tale.beside(about, task, call);
        let caller = caller(tale);
        tale.call_as(&caller, call, says);
        tale.wait(5, 40);
    }
    tale.fact("task_role", &tale.world.role_arn(&role));
}

fn mines(tale: &mut Tale<'_>, user: &str, address: &str) {
    let cluster = format!("default-{}", tale.random.lower(5));
    let family = format!("worker-{}", tale.random.lower(4));
    let thief = tale.abroad.user(user, address.to_owned(), AGENT, Channel::Cli);
    let call = Call::ecs("CreateCluster").request(object! { "clusterName": cluster }).response(
        object! { "cluster": tale.abroad.cluster_payload(&cluster, "ACTIVE", "disabled") },
    );
    tale.call_abroad(&thief, call, "creates a cluster in another region");
    let definition = TaskDefinition {
        family: family.clone(),
        revision: 1,
        image: "docker.io/example/xmrig:latest".to_owned(),
        port: 80,
        cpu: 16_384,
        memory: 32_768,
        task_role: "ecsTaskExecutionRole".to_owned(),
        execution_role: "ecsTaskExecutionRole".to_owned(),
        command: ["--url", "pool.example.com:3333", "--threads", "16"].map(str::to_owned).to_vec(),
        environment: None,
        fargate: true,
        user: "root",
        privileged: false,
        host_process_ids: false,
        host_volume: None,
        sidecar: None,
        secret: false,
    };
    let payload = tale.abroad.task_definition_payload(&definition, (tale.clock, &thief.arn), None);
    let call = Call::ecs("RegisterTaskDefinition")
        .request(tale.abroad.task_definition_request(&definition))
        .response(object! { "taskDefinition": payload });
    tale.call_abroad(&thief, call, "registers a miner: 16 vCPU, a public image");
    let tasks: Vec<String> = (0..5).map(|_| tale.random.hex(32)).collect();
    let payloads: Vec<Json> = tasks
        .iter()
        .map(|id| {
            let task = Task {
                id,
                cluster: &cluster,
                family: &family,
                revision: 1,
                image: Some(&definition.image),
                group: format!("family:{family}"),
                started_by: None,
                created: tale.clock,
                instance: None,
                size: (16_384, 32_768),
                stopped: None,
                environment_overridden: false,
            };
            tale.abroad.task_payload(&task, &mut tale.random)
        })
        .collect();
    let call = Call::ecs("RunTask")
        .request(object! {
            "cluster": cluster,
            "count": 5,
            "launchType": "FARGATE",
            "networkConfiguration": tale.abroad.network(true),
            "taskDefinition": family,
        })
        .response(object! { "tasks": payloads, "failures": Vec::<Json>::new() });
    tale.call_abroad(&thief, call, "runs it five times, with public addresses");
    tale.wait(0, HOUR / 4);
    let call = Call::ecs("RunTask").fails(
        "ClientException",
        "You've reached the limit on the number of vCPUs you can run concurrently",
    );
    tale.call_abroad(&thief, call, "meets a limit");
    let region = tale.abroad.region.clone();
    tale.fact("mining_region", &region);
    tale.fact("mining_cluster", &cluster);
    tale.fact("mining_image", &definition.image);
    tale.fact("mining_tasks", &tasks);
}
