//! The column table's source paths, compiled once into a tree that one walk over a record follows.

use std::sync::LazyLock;

use crate::columns::{COLUMNS, Column, Rule, column_index};

/// Number of a node in [`Plan::nodes`].
pub(super) type NodeId = usize;

/// The column's slot that a value at a node goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) column: usize,
    /// Index of the source among the column's sources; 0 is the best.
    pub(super) rank: u8,
}

/// A place in a record: it may hold a value, members and elements at once.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) leaves: Vec<Leaf>,
    pub(super) members: Members,
    pub(super) element: Option<NodeId>,
    /// Elements whose member has a value: member, value, node.
    pub(super) matching: Vec<(String, String, NodeId)>,
    /// Lists that get a NULL for each element without a value.
    pub(super) aligned: Vec<Leaf>,
}

impl Node {
    pub(super) fn is_walked(&self) -> bool {
        !self.members.is_empty() || self.element.is_some() || !self.matching.is_empty()
    }
}

/// The members of a node by name. Few share a length, so that this tells most others apart.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// By the length of the name.
    by_length: Vec<Vec<(String, NodeId)>>,
}

impl Members {
    pub(super) fn get(&self, name: &[u8]) -> Option<NodeId> {
        let mut members = self.by_length.get(name.len())?.iter();
        members.find(|(other, _)| other.as_bytes() == name).map(|(_, node)| *node)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, NodeId)> {
        self.by_length.iter().flatten()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_length.is_empty()
    }

    fn insert(&mut self, name: &str, node: NodeId) {
        if self.by_length.len() <= name.len() {
            self.by_length.resize_with(name.len() + 1, Vec::new);
        }
        self.by_length[name.len()].push((name.to_owned(), node));
    }
}

/// Where a column looks for its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A place in the record; its values are in the column's slot under this rank.
    Record(u8),
    /// Another column.
    Column(usize),
}

/// The compiled column table.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    /// Columns of top-level members, by node.
    pub(super) top_level: Vec<Option<usize>>,
    /// By column, its sources, best first.
    pub(super) sources: Vec<Vec<Source>>,
    /// Columns that can have a value although their slot has none.
    pub(super) derived: Vec<usize>,
    pub(super) event_source: usize,
    pub(super) event_name: usize,
    pub(super) request_parameters: usize,
    /// For each source of a column of containers: column, rank and its array's index among the
    /// arrays of containers, best first.
    pub(super) containers: Vec<(usize, u8, usize)>,
}

impl Plan {
    pub(super) fn get() -> &'static Self {
        static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan::compile(COLUMNS));
        &PLAN
    }

    fn compile(columns: &[Column]) -> Self {
        let mut plan = Self {
            nodes: vec![Node::default()],
            top_level: Vec::new(),
            sources: columns.iter().map(sources_of).collect(),
            derived: derived(columns),
            event_source: column_index("event_source").unwrap_or_default(),
            event_name: column_index("event_name").unwrap_or_default(),
            request_parameters: column_index("request_parameters").unwrap_or_default(),
            containers: container_arrays(columns),
        };
        let mut top_level = Vec::new();
        for (number, column) in columns.iter().enumerate() {
            for (rank, source) in (0..).zip(column.sources) {
                if source.starts_with('@') {
                    continue;
                }
                if column.rule.is_top_level() {
                    let node = plan.member(0, source);
                    top_level.push((node, number));
                } else {
                    plan.add(source, Leaf { column: number, rank }, column.rule);
                }
            }
        }
        plan.top_level.resize_with(plan.nodes.len(), || None);
        for (node, column) in top_level {
            plan.top_level[node] = Some(column);
        }
        plan
    }

    fn add(&mut self, source: &str, leaf: Leaf, rule: Rule) {
        let mut node = 0;
        let mut array = None;
        for step in source.split('.') {
            let (name, element) = step.split_once('[').unwrap_or((step, ""));
            if let Some((name, other)) = name.split_once('|') {
                let other = self.member(node, other);
                self.nodes[other].leaves.push(leaf);
                node = self.member(node, name);
                break;
            }
            node = self.member(node, name);
            match element.trim_end_matches(']') {
                "" if element.is_empty() => {}
                "" => {
                    array = Some(node);
                    node = if let Some(element) = self.nodes[node].element {
                        element
                    } else {
                        let element = self.new_node();
                        self.nodes[node].element = Some(element);
                        element
                    };
                }
                filter => {
                    let (member, value) =
                        filter.trim_start_matches('?').split_once('=').unwrap_or((filter, ""));
                    let element = self.new_node();
                    self.nodes[node].matching.push((member.to_owned(), value.to_owned(), element));
                    node = element;
                }
            }
        }
        self.nodes[node].leaves.push(leaf);
        if let Some(array) = array.filter(|_| rule.is_aligned()) {
            self.nodes[array].aligned.push(leaf);
        }
    }

    fn member(&mut self, node: NodeId, name: &str) -> NodeId {
        if let Some(known) = self.nodes[node].members.get(name.as_bytes()) {
            return known;
        }
        let new = self.new_node();
        self.nodes[node].members.insert(name, new);
        new
    }

    fn new_node(&mut self) -> NodeId {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }
}

/// Returns the columns that are made of others, of where a record was found, or of what a call does
/// that says nothing.
fn derived(columns: &[Column]) -> Vec<usize> {
    let is_derived = |column: &Column| {
        column.sources.is_empty()
            || column.sources.iter().any(|source| source.starts_with('@'))
            || column.rule == Rule::Cluster
    };
    (0..columns.len()).filter(|number| is_derived(&columns[*number])).collect()
}

/// Orders the arrays that columns of containers look into. Of a value that stands in no array, the
/// object around it counts.
fn container_arrays(columns: &[Column]) -> Vec<(usize, u8, usize)> {
    let mut arrays: Vec<&str> = Vec::new();
    let mut sources = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        if column.rule != Rule::Containers {
            continue;
        }
        for (rank, source) in (0..).zip(column.sources) {
            let array = source.rsplit_once('.').map_or(*source, |(array, _)| array);
            let index = arrays.iter().position(|other| *other == array).unwrap_or_else(|| {
                arrays.push(array);
                arrays.len() - 1
            });
            sources.push((number, rank, index));
        }
    }
    sources
}

fn sources_of(column: &Column) -> Vec<Source> {
    let sources =
        (0..).zip(column.sources).filter_map(|(rank, source)| match source.strip_prefix('@') {
            Some(other) => column_index(other).map(Source::Column),
            None => Some(Source::Record(rank)),
        });
    sources.collect()
}
