//! Tasks: run, not placed, killed for memory, stopped by people, started by rules.

use super::Tale;
use crate::callers::Who;
use crate::json::{Json, object};
use crate::payload::task::Task;
use crate::record::Call;

impl Tale<'_> {
    /// Calls `RunTask` for a service's family; returns the task's id unless it could not be placed.
    fn run_task(
        &mut self,
        who: Who<'_>,
        about: (&str, &str),
        started_by: Option<&str>,
        failures: &[Json],
        says: &str,
    ) -> String {
        let service = self.world.service(about.0, about.1).clone();
        let id = self.random.hex(32);
        let on_instance = !failures.is_empty();
        let instance = self.world.instances[0].clone();
        let payload = self.world.task_payload(
            &Task {
                id: &id,
                cluster: about.0,
                family: about.1,
                revision: service.revision,
                image: None,
                group: format!("family:{}", about.1),
                started_by: started_by.map(str::to_owned),
                created: self.clock,
                instance: on_instance.then_some(&instance),
                size: (service.cpu, service.memory),
                stopped: None,
                environment_overridden: started_by.is_some(),
            },
            &mut self.random,
        );
        let launch_type = if on_instance { "EC2" } else { "FARGATE" };
        let request = object! {
            "cluster": about.0,
            "count": 1,
            "enableECSManagedTags": true,
            "launchType": launch_type,
            "networkConfiguration": (!on_instance).then(|| self.world.network(false)),
            "startedBy": started_by,
            "taskDefinition": format!("{}:{}", about.1, service.revision),
        };
        let tasks = if on_instance { Vec::new() } else { vec![payload] };
        let call = Call::ecs("RunTask")
            .request(request)
            .response(object! { "tasks": tasks, "failures": failures });
        self.call(who, call, says);
        id
    }
}

/// No instance has room; the call succeeds and its response tells the failure. Later it fits.
pub(super) fn failed_placement(tale: &mut Tale<'_>) {
    let about = ("batch", "thumbnails");
    tale.about(about.0, about.1);
    let who = Who::Python("BatchRunner", "nightly-batch");
    let failures: Vec<Json> = tale.world.instances[..2]
        .iter()
        .map(|instance| {
            object! { "arn": tale.world.instance_arn(about.0, instance), "reason": "RESOURCE:MEMORY" }
        })
        .collect();
    tale.run_task(who, about, Some("nightly-batch"), &failures, "finds no room for the task");
    tale.wait(60, 120);
    let failures = [
        object! { "reason": "AGENT", "arn": tale.world.instance_arn(about.0, &tale.world.instances[2]) },
    ];
    tale.run_task(who, about, Some("nightly-batch"), &failures, "finds an agent disconnected");
    tale.wait(300, 600);
    let task = tale.run_task(
        who,
        about,
        Some("nightly-batch"),
        &[],
        "tries again, on Fargate, and starts",
    );
    tale.fact("failure_reasons", &["RESOURCE:MEMORY", "RESOURCE:MEMORY", "AGENT"]);
    tale.fact("task_id", &task);
}

/// A task is killed for memory; the agent tells.
pub(super) fn out_of_memory(tale: &mut Tale<'_>) {
    let about = ("batch", "exports");
    tale.about(about.0, about.1);
    let task = tale.random.hex(32);
    let instance = tale.world.instances[1].ec2.clone();
    let agent = Who::Agent(&instance);
    let acknowledged = || object! { "acknowledgment": "ACK" };
    let call = Call::ecs("SubmitTaskStateChange")
        .request(tale.world.task_state(about, &task, tale.clock, None))
        .response(acknowledged());
    tale.call(agent, call, "the task runs");
    tale.wait(900, 1800);
    let reason = "OutOfMemoryError: Container killed due to memory usage";
    let call = Call::ecs("SubmitContainerStateChange")
        .request(object! {
            "cluster": about.0,
            "task": tale.world.task_arn(about.0, &task),
            "containerName": about.1,
            "runtimeId": format!("{task}-{}", tale.world.stable(&["runtime", &task]).digits(10)),
            "status": "STOPPED",
            "exitCode": 137,
            "reason": reason,
            "networkBindings": Vec::<Json>::new(),
        })
        .response(acknowledged());
    tale.call(agent, call, "the container is killed, exit code 137");
    let call = Call::ecs("SubmitTaskStateChange")
        .request(tale.world.task_state(about, &task, tale.clock, Some((137, reason))))
        .response(acknowledged());
    tale.call(agent, call, "the task ends");
    tale.fact("task_id", &task);
    tale.fact("exit_code", &137);
    tale.fact("reason", reason);
}

pub(super) fn stopped_by_person(tale: &mut Tale<'_>) {
    let name = tale.cast[1].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let service = tale.world.service(about.0, about.1).clone();
    let who = Who::Console("li");
    let call =
        Call::ecs("ListTasks").request(object! { "cluster": about.0, "serviceName": about.1 });
    tale.call(who, call, "lists the tasks");
    let call =
        Call::ecs("DescribeTasks").request(object! { "cluster": about.0, "tasks": service.tasks });
    tale.call(who, call, "looks at them");
    tale.wait(20, 60);
    let reason = format!("stuck since the release of revision {}", service.revision);
    let payload = tale.world.task_payload(
        &Task {
            id: &service.tasks[0],
            cluster: about.0,
            family: about.1,
            revision: service.revision,
            image: None,
            group: format!("service:{}", about.1),
            started_by: Some(service.deployment_name()),
            created: service.deployed + 30,
            instance: None,
            size: (service.cpu, service.memory),
            stopped: Some((tale.clock, &reason)),
            environment_overridden: false,
        },
        &mut tale.random,
    );
    let call = Call::ecs("StopTask")
        .request(object! { "cluster": about.0, "task": service.tasks[0], "reason": reason })
        .response(object! { "task": payload });
    tale.call(who, call, "stops a task");
    tale.fact("task_id", &service.tasks[0]);
    tale.fact("reason", &reason);
    tale.fact("stopped_by", "li@example.com");
}

/// A rule starts a task twice and fails once.
pub(super) fn scheduled_tasks(tale: &mut Tale<'_>) {
    let about = ("batch", "exports");
    tale.about(about.0, about.1);
    let rule = "nightly-exports";
    let started_by = format!("events-rule/{rule}");
    let first =
        tale.run_task(Who::Rule(rule), about, Some(&started_by), &[], "the rule starts a task");
    tale.wait(1200, 1800);
    let failures = [
        object! { "reason": "EMPTY CAPACITY PROVIDER", "arn": tale.world.ecs_arn("capacity-provider/batch-spot-1") },
    ];
    tale.run_task(
        Who::Rule(rule),
        about,
        Some(&started_by),
        &failures,
        "the rule finds no capacity",
    );
    tale.wait(300, 500);
    let call =
        Call::ecs("RunTask").fails("InvalidParameterException", "TaskDefinition is inactive");
    tale.call(Who::Rule(rule), call, "the rule names an inactive task definition");
    tale.wait(300, 500);
    let last =
        tale.run_task(Who::Rule(rule), about, Some(&started_by), &[], "the rule starts a task");
    tale.fact("rule", rule);
    tale.fact("task_ids", &[first, last]);
    tale.fact("failure_reasons", &["EMPTY CAPACITY PROVIDER"]);
}
