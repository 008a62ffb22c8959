//! Each condition of a report is needed: without it, at least one run gives another answer.
//!
//! A condition is a term of an AND, or an alternative of an OR, in any WHERE, HAVING, ON or FILTER.
//! Those that no event of the samples can show are listed in `tests/reports/survivors.jsonl`, with
//! the reason; the list must be exact. Without `ECSTRAIL_TEST_ALL=1` one in seven is left out.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::sql::{
    parser::Statement,
    sqlparser::ast::{
        BinaryOperator, Expr, JoinConstraint, JoinOperator, Select, Value, VisitMut, VisitorMut,
    },
};
use serde::Deserialize;

use super::{Answer, Asker, PACK, PROBES, RUNTIME, lines, stride};
use crate::{
    parameter::{Arguments, Bindings, ParameterType},
    portable::{Dialect, VIEWS, View, statement},
    report::Report,
};

/// A condition that can be left out without a test that notices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    report: String,
    condition: String,
    why: String,
}

#[test]
fn every_condition_is_needed() {
    let survivors: Vec<Survivor> = lines("tests/reports/survivors.jsonl");
    assert!(survivors.iter().all(|survivor| !survivor.why.is_empty()));
    let known: BTreeSet<_> =
        survivors.iter().map(|one| (one.report.clone(), one.condition.clone())).collect();
    let reports: Vec<&Report> = PACK.catalog.reports().unwrap();
    let found: BTreeSet<(String, String)> = std::thread::scope(|scope| {
        let halves = reports.chunks(reports.len().div_ceil(2)).map(|reports| {
            scope.spawn(move || {
                let left = reports.iter().flat_map(|report| {
                    let left = RUNTIME.block_on(survivors_of(report));
                    left.into_iter().map(|condition| (report.name.clone(), condition))
                });
                left.collect::<Vec<_>>()
            })
        });
        let threads: Vec<_> = halves.collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let unexplained: Vec<_> = found.difference(&known).collect();
    assert!(unexplained.is_empty(), "no test notices if these are left out: {unexplained:#?}");
    if stride() > 1 {
        return;
    }
    let noticed: Vec<_> = known.difference(&found).collect();
    assert!(noticed.is_empty(), "listed as survivors, but noticed: {noticed:#?}");
}

/// Returns the conditions of a report without which all its runs give the same answers.
async fn survivors_of(report: &Report) -> Vec<String> {
    let asker = Asker::new(report, &PACK.events);
    let runs = runs(&asker).await;
    let statement = with_views(asker.statement());
    let mut survivors = Vec::new();
    for number in (report.name.len() % stride()..).step_by(stride()) {
        let mut mutant = statement.clone();
        let Some(condition) = leave_out(&mut mutant, number) else { break };
        // `$x IS NULL` is noticed where $x is left out, what else names $x where it is given.
        let mut ordered: Vec<_> = runs.iter().collect();
        if !condition.ends_with(" IS NULL") {
            ordered.sort_by_key(|run| {
                !run.arguments.keys().any(|name| condition.contains(&format!("${name}")))
            });
        }
        let mut is_noticed = false;
        for run in ordered {
            // A query that is none without the condition is noticed, too.
            let answer = asker.ask(mutant.clone(), &run.bindings).await;
            if answer.ok().as_ref() != Some(&run.answer) {
                is_noticed = true;
                break;
            }
        }
        if !is_noticed {
            survivors.push(condition);
        }
    }
    survivors
}

/// Writes the views that a query reads into it, so that their conditions are left out, too.
fn with_views(statement: Statement) -> Statement {
    let text = statement.to_string();
    let is_read = |view: &&View| text.contains(&format!("FROM {}", view.name));
    let Some(view) = VIEWS.iter().filter(|view| view.portable_query().is_some()).find(is_read)
    else {
        return statement;
    };
    let query = view.query(Dialect::DataFusion).unwrap();
    let rest =
        text.strip_prefix("WITH ").map_or_else(|| format!(" {text}"), |rest| format!(", {rest}"));
    statement::parse(&format!("WITH {} AS ({query}){rest}", view.name)).unwrap()
}

struct Run {
    arguments: Arguments,
    bindings: Bindings,
    answer: Answer,
}

/// The runs of the scenarios, and one for each parameter that most reports have.
async fn runs(asker: &Asker<'_>) -> Vec<Run> {
    let report = asker.report;
    let mut asked: Vec<Arguments> = Vec::new();
    for scenario in PACK.scenarios.iter().filter(|one| one.report == report.name) {
        if !asked.contains(&scenario.set) {
            asked.push(scenario.set.clone());
        }
    }
    let mut runs = Vec::new();
    for arguments in asked {
        let bindings = asker.bind(&arguments);
        let answer = asker.answer(&arguments).await;
        runs.push(Run { arguments, bindings, answer });
    }
    let base = runs[0].arguments.clone();
    for (name, values) in PROBES {
        if !report.parameters.iter().any(|parameter| parameter.name == *name) {
            continue;
        }
        for value in *values {
            let mut arguments = base.clone();
            arguments.insert((*name).to_owned(), (*value).to_owned());
            let bindings = asker.bind(&arguments);
            let answer = asker.answer(&arguments).await;
            if answer != runs[0].answer && !answer.rows.is_empty() {
                runs.push(Run { arguments, bindings, answer });
                break;
            }
        }
    }
    assert!(report.parameters.iter().all(|one| one.kind != ParameterType::Timestamp));
    runs
}

/// Leaves out the condition of a number, in the order in which they stand, and returns its text.
fn leave_out(statement: &mut Statement, number: usize) -> Option<String> {
    let Statement::Statement(statement) = statement else { return None };
    let mut cutter = Cutter { left: number, cut: None };
    let _: ControlFlow<()> = statement.visit(&mut cutter);
    cutter.cut
}

struct Cutter {
    left: usize,
    cut: Option<String>,
}

impl VisitorMut for Cutter {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for condition in select.selection.iter_mut().chain(&mut select.having) {
            self.cut_in(condition, true)?;
        }
        for join in select.from.iter_mut().flat_map(|from| &mut from.joins) {
            if let JoinOperator::Join(JoinConstraint::On(condition))
            | JoinOperator::Inner(JoinConstraint::On(condition))
            | JoinOperator::Left(JoinConstraint::On(condition))
            | JoinOperator::LeftOuter(JoinConstraint::On(condition))
            | JoinOperator::FullOuter(JoinConstraint::On(condition)) = &mut join.join_operator
            {
                self.cut_in(condition, true)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expression
            && let Some(filter) = &mut function.filter
        {
            self.cut_in(filter, true)?;
        }
        ControlFlow::Continue(())
    }
}

impl Cutter {
    /// `neutral` is what the condition leaves alone when it takes its place: true among terms of
    /// an AND, false among alternatives.
    fn cut_in(&mut self, condition: &mut Expr, neutral: bool) -> ControlFlow<()> {
        match condition {
            Expr::Nested(inner) => return self.cut_in(inner, neutral),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.cut_in(left, true)?;
                return self.cut_in(right, true);
            }
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                self.cut_in(left, false)?;
                return self.cut_in(right, false);
            }
            _ => {}
        }
        if self.left == 0 {
            self.cut = Some(condition.to_string());
            *condition = Expr::value(Value::Boolean(neutral));
            return ControlFlow::Break(());
        }
        self.left -= 1;
        ControlFlow::Continue(())
    }
}

#[test]
fn conditions_are_left_out_one_by_one() {
    let sql = "SELECT count(*) FILTER (WHERE f) AS x FROM events JOIN b ON b.a = c WHERE ($p IS NULL OR d = $p) AND e HAVING g";
    let statement = statement::parse(sql).unwrap();
    let cut: Vec<_> = (0..)
        .map_while(|number| {
            let mut mutant = statement.clone();
            leave_out(&mut mutant, number).map(|condition| (condition, mutant.to_string()))
        })
        .collect();
    let texts: Vec<_> = cut.iter().map(|(condition, _)| condition.as_str()).collect();
    assert_eq!(texts, ["$p IS NULL", "d = $p", "e", "g", "b.a = c", "f"]);
    assert!(cut[0].1.contains("(false OR d = $p) AND e"), "{}", cut[0].1);
    assert!(cut[2].1.contains("AND true HAVING"), "{}", cut[2].1);
}
