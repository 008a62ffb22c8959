//! The stories: what happens to clusters and services, told call by call, with the facts that a
//! report should find.

mod access;
mod deployments;
mod intrusion;
mod operations;
mod scaling;
mod security;
mod tasks;

use crate::calendar::iso;
use crate::callers::{Caller, Who};
use crate::json::{Json, Object, Render, object};
use crate::neighbours::Scene;
use crate::places::leading_services;
use crate::random::Random;
use crate::record::{Call, Record};
use crate::world::World;

type Story = fn(&mut Tale<'_>);

/// All stories in the order in which a chapter tells them.
pub(crate) const STORIES: [(&str, Story); 30] = [
    ("foundation", deployments::foundation),
    ("account-settings", operations::account_settings),
    ("deployment", deployments::deployment),
    ("deployment-by-pipeline", deployments::by_pipeline),
    ("deployment-by-stack", deployments::by_stack),
    ("autoscaling", scaling::by_autoscaling),
    ("scaling-by-person", scaling::by_person),
    ("rollback", deployments::rollback),
    ("changed-task-definition", deployments::changed_task_definition),
    ("failed-placement", tasks::failed_placement),
    ("container-instances", operations::container_instances),
    ("stopped-by-person", tasks::stopped_by_person),
    ("exec-session", security::exec_session),
    ("out-of-memory", tasks::out_of_memory),
    ("forced-redeployment", deployments::forced),
    ("risky-task-definition", security::risky_task_definition),
    ("plain-secrets", security::plain_secrets),
    ("capacity-providers", operations::capacity_providers),
    ("denied", security::denied),
    ("drift", deployments::drift),
    ("tags", operations::tags),
    ("scheduled-tasks", tasks::scheduled_tasks),
    ("unusual-region", security::unusual_region),
    ("cross-account", access::cross_account),
    ("throttling", operations::throttling),
    ("many-ways-in", access::many_ways_in),
    ("deployment-in-a-row", deployments::in_a_row),
    ("scaled-to-zero", scaling::to_zero),
    ("deletion", operations::deletion),
    ("intrusion", intrusion::intrusion),
];

/// Where and when a story happens.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) chapter: usize,
    /// Position in `STORIES`.
    pub(crate) story: usize,
    pub(crate) start: i64,
}

/// A story while it is told.
pub(crate) struct Tale<'a> {
    pub(crate) world: &'a mut World,
    /// The region that nobody of this account works in.
    pub(crate) abroad: &'a mut World,
    pub(crate) random: Random,
    pub(crate) clock: i64,
    pub(crate) setting: Setting,
    /// Two services in production and one in staging.
    pub(crate) cast: [String; 3],
    about: (String, String),
    events: Vec<Json>,
    facts: Vec<(&'static str, String)>,
    records: Vec<Record>,
    abroad_records: Vec<Record>,
}

/// What a told story leaves: its line, and its records in the world and abroad.
pub(crate) struct Told {
    pub(crate) line: String,
    pub(crate) records: [Vec<Record>; 2],
}

/// Tells a story.
pub(crate) fn tell(world: &mut World, abroad: &mut World, seed: u64, setting: Setting) -> Told {
    let (name, story) = STORIES[setting.story];
    let random = Random::new(
        seed,
        &["story", &world.account, &world.region, &setting.chapter.to_string(), name],
    );
    let mut tale = Tale {
        world,
        abroad,
        random,
        clock: setting.start,
        setting,
        cast: leading_services(setting.chapter),
        about: (String::new(), String::new()),
        events: Vec::new(),
        facts: Vec::new(),
        records: Vec::new(),
        abroad_records: Vec::new(),
    };
    story(&mut tale);
    let mut line = Object::new();
    line.member("story", name)
        .member("account", &tale.world.account)
        .member("region", &tale.world.region)
        .member("cluster", &Some(&tale.about.0).filter(|name| !name.is_empty()))
        .member("service", &Some(&tale.about.1).filter(|name| !name.is_empty()));
    for (fact, value) in &tale.facts {
        line.member(fact, &Json::verbatim(value.as_str()));
    }
    line.member("events", &tale.events);
    Told { line: line.end().text().to_owned(), records: [tale.records, tale.abroad_records] }
}

impl Tale<'_> {
    /// Tells what the story is about.
    fn about(&mut self, cluster: &str, service: &str) {
        self.about = (cluster.to_owned(), service.to_owned());
    }

    /// Notes a fact that a report should find.
    fn fact(&mut self, name: &'static str, value: &(impl Render + ?Sized)) {
        let mut text = String::new();
        value.render(&mut text);
        self.facts.push((name, text));
    }

    fn wait(&mut self, low: i64, high: i64) {
        self.clock += self.random.between(low, high);
    }

    /// A named kind of caller makes a call.
    fn call(&mut self, who: Who<'_>, call: Call, says: &str) {
        let caller = self.world.caller(who, self.clock);
        self.call_as(&caller, call, says);
    }

    /// Makes a call and passes some seconds.
    fn call_as(&mut self, caller: &Caller, call: Call, says: &str) {
        let place = (self.world.account.as_str(), self.world.region.as_str());
        let record = Record::new(call, caller, place, self.clock, &mut self.random);
        self.note(&record, says, None);
        self.records.push(record);
        self.wait(1, 9);
    }

    /// As `call_as`, in the region that nobody works in.
    fn call_abroad(&mut self, caller: &Caller, call: Call, says: &str) {
        let place = (self.abroad.account.as_str(), self.abroad.region.as_str());
        let record = Record::new(call, caller, place, self.clock, &mut self.random);
        let region = self.abroad.region.clone();
        self.note(&record, says, Some(&region));
        self.abroad_records.push(record);
        self.wait(1, 9);
    }

    fn note(&mut self, record: &Record, says: &str, region: Option<&str>) {
        self.events.push(object! {
            "event_id": record.id,
            "event_time": iso(record.time),
            "event_source": format!("{}.amazonaws.com", record.source),
            "event_name": *record.name,
            "region": region,
            "error_code": record.error,
            "says": says,
        });
    }

    /// A neighbour is called about a service and one of its tasks.
    fn beside(
        &mut self,
        (cluster, name): (&str, &str),
        task: &str,
        call: impl FnOnce(&mut Scene<'_>) -> Call,
    ) -> Call {
        let service = self.world.service(cluster, name).clone();
        let (world, time) = (&*self.world, self.clock);
        call(&mut Scene { world, service: &service, task, time, random: &mut self.random })
    }

    /// Reads a service as its deployer does while it waits.
    fn poll(&mut self, who: Who<'_>, (cluster, name): (&str, &str), times: usize) {
        for _ in 0..times {
            let request = object! { "cluster": cluster, "services": [name] };
            self.call(
                who,
                Call::ecs("DescribeServices").request(request),
                "waits for the service to be stable",
            );
            self.wait(14, 16);
        }
    }

    /// Registers a revision of a service's family.
    fn register(
        &mut self,
        who: Who<'_>,
        definition: &crate::payload::task_definition::TaskDefinition,
        says: &str,
    ) {
        let caller = self.world.caller(who, self.clock);
        let payload =
            self.world.task_definition_payload(definition, (self.clock, &caller.arn), None);
        let call = Call::ecs("RegisterTaskDefinition")
            .request(self.world.task_definition_request(definition))
            .response(object! {
                "taskDefinition": payload,
                "tags": [object! { "key": "team", "value": "shop" }],
            });
        self.call_as(&caller, call, says);
    }

    /// Calls `UpdateService`, after the service was changed to what the response shows.
    fn update(&mut self, who: Who<'_>, about: (&str, &str), changes: &[(&str, Json)], says: &str) {
        let service = self.world.service(about.0, about.1).clone();
        let mut request = Object::new();
        request.member("cluster", about.0).member("service", about.1);
        for (name, value) in changes {
            request.member(name, value);
        }
        let events = match self.random.below(36) {
            0 => 100,
            1..=5 => self.random.position(30),
            _ => self.random.position(6),
        };
        let response = self.world.service_payload(&service, self.clock, events, &mut self.random);
        let call = Call::ecs("UpdateService")
            .request(request.end())
            .response(object! { "service": response });
        self.call(who, call, says);
    }

    /// Deploys a revision with `UpdateService`.
    fn deploy(&mut self, who: Who<'_>, about: (&str, &str), revision: u64, says: &str) {
        let clock = self.clock;
        let service = self.world.service(about.0, about.1);
        service.deploy(revision, clock, &mut self.random);
        let full = self.random.chance(500);
        let name = if full {
            self.world.task_definition_arn(about.1, revision)
        } else {
            format!("{}:{revision}", about.1)
        };
        self.update(who, about, &[("taskDefinition", text(&name)), ("dryrun", yes(false))], says);
    }

    /// What neighbours see when a deployment's first task starts.
    fn task_starts(&mut self, about: (&str, &str)) -> String {
        let service = self.world.service(about.0, about.1).clone();
        let task = service.tasks.first().cloned().unwrap_or_else(|| self.random.hex(32));
        let role = service.task_role.clone();
        let starter = Who::Service("ecs-tasks.amazonaws.com");
        let execution = Who::Task("ecsTaskExecutionRole", &task);
        self.wait(8, 20);
        let call = self.beside(about, &task, |scene| scene.create_interface());
        self.call(Who::Ecs, call, "gets a network interface");
        let call =
            self.beside(about, &task, |scene| scene.assume_task_role("ecsTaskExecutionRole"));
        self.call(starter, call, "gets the execution role");
        let call = self.beside(about, &task, |scene| scene.pull_image());
        self.call(execution, call, "pulls the image");
        let call = self.beside(about, &task, |scene| scene.secret_value());
        self.call(execution, call, "reads its secret");
        let call = self.beside(about, &task, |scene| scene.log_stream());
        self.call(execution, call, "opens its log");
        let call = self.beside(about, &task, |scene| scene.assume_task_role(&role));
        self.call(starter, call, "gets the task role");
        let call = self.beside(about, &task, |scene| scene.register_targets());
        self.call(Who::Ecs, call, "joins the target group");
        task
    }
}

fn text(value: &str) -> Json {
    let mut text = String::new();
    value.render(&mut text);
    Json::verbatim(text)
}

fn number(value: u64) -> Json {
    Json::verbatim(value.to_string())
}

fn yes(value: bool) -> Json {
    Json::verbatim(value.to_string())
}
