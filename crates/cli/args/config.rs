//! The arguments of `config`, `completions` and `man`, and the option that chooses a profile of the
//! config file.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Subcommand, ValueEnum};

use super::{Arguments, Command, DictionaryFormat, SummaryFormat};
use crate::config::Config;

const LONG: &str = "--config-profile";
const SHORT: &str = "-p";

/// Which defaults of the config file are used.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgument {
    /// Use the defaults of this profile of the config file; an empty NAME means none of its profiles.
    /// See `ecstrail config`. A profile of `~/.aws/config` is given with --profile.
    #[arg(long, short = 'p', global = true, value_name = "NAME", env = "ECSTRAIL_CONFIG_PROFILE")]
    // Read from the words, before the defaults of options are known.
    config_profile: Option<OsString>,
}

/// Show the config file, the defaults that it sets, and where each one comes from.
///
/// The config file has defaults for options and report parameters, so that they need not be given each
/// time. It is `~/.config/ecstrail/config.toml` (or below `XDG_CONFIG_HOME`), unless `ECSTRAIL_CONFIG`
/// names another file; an empty `ECSTRAIL_CONFIG` means none.
///
/// The command line takes precedence over the environment, the environment over the chosen profile, and
/// the profile over the rest of the file. `[profiles.NAME]` in the file makes a profile. It is chosen
/// with --config-profile NAME, with `ECSTRAIL_CONFIG_PROFILE`, or with `default_profile` in the file.
///
/// Exits with 2 if the file has a mistake.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) action: Option<ConfigAction>,
    /// Output format.
    #[arg(long, short = 'f', value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
}

/// What to do with the config file.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Write a config file in which every line is a comment, with an example of each key.
    ///
    /// A file that exists is not changed.
    Init,
    /// List the keys and tables that the file can have.
    Keys {
        /// Markdown for people, JSON for programs.
        #[arg(long, short = 'f', value_enum, default_value_t = DictionaryFormat::Markdown)]
        format: DictionaryFormat,
    },
}

/// Print the script that completes commands in a shell.
///
/// Completes commands, options, report names, the parameters of a report, some of their values,
/// profiles and files. Add one line to the shell's own file:
///
///   bash, in ~/.bashrc:    source <(ecstrail completions bash)
///
///   zsh, in ~/.zshrc, after compinit:    source <(ecstrail completions zsh)
///
///   fish, in ~/.config/fish/config.fish:    ecstrail completions fish | source
///
///   PowerShell, in $PROFILE:    ecstrail completions powershell | Out-String | Invoke-Expression
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Shell.
    #[arg(value_enum)]
    pub(crate) shell: CompletionShell,
}

/// Shells whose commands are completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompletionShell {
    /// Bash, from 4.4.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
    /// PowerShell, from 7.3.
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
}

/// Write manual pages.
///
/// Writes one page for each command, such as `ecstrail-report.1`. To install them for yourself:
/// `ecstrail man --to ~/.local/share/man/man1`, then `man ecstrail`.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Folder to write to; created if it does not exist. Pages of the same name are replaced.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: PathBuf,
}

impl Command {
    /// Whether the command runs although the config file has a mistake.
    pub(crate) fn runs_without_config(&self) -> bool {
        match self {
            Self::Config(_) | Self::Completions(_) | Self::Man(_) => true,
            Self::Report(arguments) => arguments.help,
            _ => false,
        }
    }
}

/// Reads the command line, with the defaults that the config file has.
pub(crate) fn parse(words: &[OsString], config: &Config) -> Result<Arguments, clap::Error> {
    let mut command = config.remembered_in(Arguments::command());
    let mut matches = command.try_get_matches_from_mut(words)?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Returns the profile that the command line names. It has to be known before the defaults of options
/// are.
pub(crate) fn config_profile(words: &[OsString]) -> Option<OsString> {
    let mut words = words.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == LONG || word == SHORT {
            return words.next().cloned();
        }
        let text = word.to_str().unwrap_or_default();
        let joined = text.strip_prefix(LONG).and_then(|rest| rest.strip_prefix('='));
        let joined = joined.or_else(|| {
            let rest = text.strip_prefix(SHORT)?;
            Some(rest.strip_prefix('=').unwrap_or(rest))
        });
        if let Some(name) = joined {
            return Some(name.into());
        }
    }
    None
}

/// Returns the first word that is the name of a command, as far as that can be read before all
/// options are known.
pub(super) fn command_word(words: &[OsString]) -> Option<&OsString> {
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        if word == LONG || word == SHORT {
            words.next();
        } else if !word.as_encoded_bytes().starts_with(b"-") {
            return Some(word);
        }
    }
    None
}
