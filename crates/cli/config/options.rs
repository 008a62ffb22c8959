//! What a config file remembers becomes the defaults of options. The command line and the variables
//! that options read take precedence over a default, and a default does not conflict with anything.

use std::env;

use clap::{
    Arg, Command,
    builder::{ArgPredicate, Resettable},
};

use super::{
    Config,
    keys::{KEYS, Key, Kind},
};

/// Arguments that mean something else when another one is given.
const TRAIL: &str = "trail";
const OUTPUT: &str = "output";
const REPORT_NAME: &str = "name";

impl Config {
    /// Gives the options of all commands the defaults of the file.
    pub(crate) fn remembered_in(&self, command: Command) -> Command {
        KEYS.iter().fold(without_empty_variables(command), |command, key| {
            // What the environment says counts, also where clap does not read it.
            match self.values.get(key.name).filter(|_| key.variable().is_none()) {
                Some(remembered) => {
                    let text = default_of(key, &remembered.value);
                    let shown = format!("[config: {} = {}]", key.name, remembered.value);
                    with_default(command, key, &text, &shown)
                }
                None => command,
            }
        })
    }
}

/// Lets options not read variables that are empty.
fn without_empty_variables(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let value = argument.get_env().and_then(env::var_os);
        if value.is_some_and(|value| value.is_empty()) {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    });
    command.mut_subcommands(without_empty_variables)
}

/// The value of the option that a key stands for.
fn default_of(key: &Key, value: &str) -> String {
    match key.kind {
        // The option turns off what the key turns on.
        Kind::Switch => (value == "false").to_string(),
        _ => value.to_owned(),
    }
}

fn with_default(command: Command, key: &Key, value: &str, shown: &str) -> Command {
    let has = |command: &Command, id: &str| {
        command.get_arguments().any(|argument| argument.get_id() == id)
    };
    // A trail is verified without trusting a dataset that nobody named.
    let is_verify = has(&command, TRAIL) && key.kind == Kind::Location;
    let has_output = has(&command, OUTPUT);
    let is_report = has(&command, REPORT_NAME) && has_output;
    let command = command.mut_args(|argument| {
        if argument.get_id() != key.argument {
            return argument;
        }
        let argument = with_help(argument, shown).required(false);
        // A switch shows none anyway.
        let argument = argument.hide_default_value(key.kind != Kind::Switch);
        match key.kind {
            // The extension of a file says more than what is remembered for all of them; a list of
            // reports has formats of its own.
            Kind::Format if is_report => argument
                .default_value_if(OUTPUT, ArgPredicate::IsPresent, Resettable::Reset)
                .default_value_if(REPORT_NAME, ArgPredicate::IsPresent, value.to_owned()),
            Kind::Format if has_output => argument
                .default_value_if(OUTPUT, ArgPredicate::IsPresent, Resettable::Reset)
                .default_value(value.to_owned()),
            _ if is_verify => argument
                .default_value_if(TRAIL, ArgPredicate::IsPresent, Resettable::Reset)
                .default_value(value.to_owned()),
            _ => argument.default_value(value.to_owned()),
        }
    });
    command.mut_subcommands(|below| with_default(below, key, value, shown))
}

/// Adds to an option's help what is remembered.
fn with_help(argument: Arg, shown: &str) -> Arg {
    let add = |help: &clap::builder::StyledStr| format!("{help} {shown}");
    let short = argument.get_help().map(add);
    let long = argument.get_long_help().map(add);
    let argument = match short {
        Some(short) => argument.help(short),
        None => argument,
    };
    match long {
        Some(long) => argument.long_help(long),
        None => argument,
    }
}
