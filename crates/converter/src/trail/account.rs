//! The account that an event belongs to.

use crate::trail::{KeyName, UNKNOWN_ACCOUNT, log_file::is_account};

/// The folder below an account's in which a trail keeps its log files.
const TRAIL_FOLDER: &str = "CloudTrail";

/// Returns the account that an event belongs to: its `recipientAccountId`, else the account in the
/// log file's name or folder, else the account of the caller (`userIdentity.accountId`).
///
/// Records before `eventVersion` 1.02 have no `recipientAccountId`. The log file stands in the
/// account that received the event, while the caller may be of another one. `source_file` is the
/// log file's path below its source.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
pub fn account_of<'a>(
    recipient: Option<&'a str>,
    source_file: &'a str,
    caller: Option<&'a str>,
) -> Option<&'a str> {
    let is_given = |account: &&str| !account.is_empty();
    recipient
        .filter(is_given)
        .or_else(|| account_of_log_file(source_file))
        .or_else(|| caller.filter(is_given))
}

/// Returns the account in the name of a log file, else that of the trail's folder it stands in.
fn account_of_log_file(source_file: &str) -> Option<&str> {
    let named = KeyName::parse(source_file).map(|name| name.account);
    named.or_else(|| account_of_folder(source_file)).filter(|account| *account != UNKNOWN_ACCOUNT)
}

/// Returns the account in `…/account/CloudTrail/…`.
fn account_of_folder(source_file: &str) -> Option<&str> {
    let (folders, _) = source_file.rsplit_once('/')?;
    let mut pairs = folders.split('/').zip(folders.split('/').skip(1));
    let (account, _) =
        pairs.find(|(account, below)| is_account(account) && *below == TRAIL_FOLDER)?;
    Some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_event_it_is() {
        const NAMED: &str = "a/111122223333_CloudTrail_us-east-1_20160205T1840Z_x.json.gz";
        const IN_FOLDER: &str = "AWSLogs/o-1/111122223333/CloudTrail/us-east-1/2016/02/05/a.json";
        for (recipient, source_file, caller, expected) in [
            (Some("444455556666"), NAMED, Some("777788889999"), Some("444455556666")),
            (None, NAMED, Some("777788889999"), Some("111122223333")),
            (Some(""), NAMED, None, Some("111122223333")),
            (None, IN_FOLDER, Some("777788889999"), Some("111122223333")),
            (None, "a.json", Some("777788889999"), Some("777788889999")),
            (None, "a.json", Some(""), None),
            (None, "a.json", None, None),
            // An export of ours names records without an account so.
            (
                None,
                "000000000000_CloudTrail_unknown_20260427T0000Z_x.json.gz",
                Some("777788889999"),
                Some("777788889999"),
            ),
            (None, "111122223333/other/a.json", None, None),
            (None, "1111/CloudTrail/a.json", None, None),
            (None, "111122223333/CloudTrail", None, None),
        ] {
            let found = account_of(recipient, source_file, caller);
            assert_eq!(found, expected, "{recipient:?} {source_file} {caller:?}");
        }
    }
}
