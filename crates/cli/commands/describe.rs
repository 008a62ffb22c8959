//! `ecstrail describe`: what there is to ask about.

use anyhow::Result;
use ecstrail_query::{columns_as_json, columns_as_markdown};

use crate::{
    args::{DescribeCommand, DictionaryFormat},
    console,
    exit::Exit,
};

pub(crate) fn run(command: &DescribeCommand) -> Result<Exit> {
    let DescribeCommand::Columns { format } = command;
    let text = match format {
        DictionaryFormat::Markdown => columns_as_markdown(),
        DictionaryFormat::Json => columns_as_json(),
    };
    console::result(text.trim_end())?;
    Ok(Exit::Done)
}
