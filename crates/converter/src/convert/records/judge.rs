//! The outcome of an object: it is a record that is kept or not, wraps records, looks like one, or
//! is something else.

use std::{borrow::Cow, mem};

use serde_json::value::RawValue;

use super::{OpenFile, Records, Scope};
use crate::{
    records::{
        LookAlike, RejectReason, SelectedRow, Suspicion,
        envelope::{self, Wrapped},
        json::compact,
        look_alike,
        object::Object,
        parse_event_time,
        time::day_of,
    },
    rows::flatten::parse_boolean,
    trail::{UNKNOWN_REGION, account_of, region::is_region},
};

/// The outcome of an object.
pub(super) enum Verdict<'a> {
    Selected,
    /// Filtered, since its event source, or that it has none, is not kept.
    OtherEventSource(Option<Cow<'a, str>>),
    /// Filtered, since the rest of the selection does not keep it.
    Excluded,
    /// The selection's days, Regions or accounts exclude it, and nothing else does.
    OutOfBounds,
    LookAlike(LookAlike),
    Rejected(RejectReason),
    /// Records are in this.
    Wraps(Wrapped<'a>),
}

impl Records {
    pub(super) fn judge<'a>(
        &mut self,
        object: Object<'a>,
        record: &[u8],
        depth: usize,
        offset: u64,
        scope: Scope,
        file: &OpenFile<'_>,
    ) -> Verdict<'a> {
        let limits = file.limits;
        if depth > limits.depth {
            return Verdict::Rejected(RejectReason::TooDeep);
        }
        let event_source = object.text("eventSource");
        if let Some(token) = object.get("eventSource")
            && event_source.is_none()
            && std::str::from_utf8(token).is_err()
        {
            return Verdict::Rejected(RejectReason::InvalidUtf8);
        }
        if !is_record(event_source.as_deref(), object) {
            return judge_other(object, file);
        }
        let selection = file.selection;
        let reads_only = || {
            let token = object.get("readOnly").and_then(|token| std::str::from_utf8(token).ok());
            token.and_then(parse_boolean) == Some(true)
        };
        if !selection.keeps_event_source(event_source.as_deref()) {
            return Verdict::OtherEventSource(event_source);
        }
        if !selection.keeps_event_name(object.text("eventName").as_deref())
            || (selection.exclude_read_only && reads_only())
        {
            return Verdict::Excluded;
        }
        let Ok(checked) = std::str::from_utf8(record) else {
            return Verdict::Rejected(RejectReason::InvalidUtf8);
        };
        if serde_json::from_str::<&RawValue>(checked).is_err() {
            return Verdict::Rejected(RejectReason::BrokenJson);
        }
        let event_time = object.text("eventTime").and_then(|text| parse_event_time(&text));
        let time = event_time.or(scope.time);
        let Some(day) = time.map(day_of).or(file.delivery_day) else {
            return Verdict::Rejected(RejectReason::NoDate);
        };
        let region = object.text("awsRegion").unwrap_or_default();
        let recipient = object.text("recipientAccountId");
        let keeps_account = || {
            let caller = object.text_at(&["userIdentity", "accountId"]);
            let account = account_of(recipient.as_deref(), file.name(), caller.as_deref());
            selection.keeps_account(account)
        };
        if !selection.keeps_day(day)
            || !selection.keeps_region(&region)
            || !(selection.accounts.is_empty() || keeps_account())
        {
            return Verdict::OutOfBounds;
        }
        let mut compacted = mem::take(&mut self.compacted);
        compacted.clear();
        compact(record, &mut compacted);
        let Ok(text) = std::str::from_utf8(&compacted) else {
            return Verdict::Rejected(RejectReason::InvalidUtf8);
        };
        self.selected.push(&SelectedRow {
            day,
            region: if is_region(&region) { &region } else { UNKNOWN_REGION },
            event_time,
            event_id: object.text("eventID").as_deref(),
            record_hash: self.canonical.record_hash(text),
            source_file: file.number,
            index: i64::try_from(file.tally.records).unwrap_or(i64::MAX),
            byte_offset: i64::try_from(offset).unwrap_or(i64::MAX),
            recipient_account_id: recipient.as_deref(),
            record: text,
        });
        self.compacted = compacted;
        // What is wrapped was put together by others, at their own time.
        if scope.depth == 0
            && file
                .delivery_day
                .is_some_and(|delivery_day| Suspicion::is_distant(day, delivery_day))
        {
            file.has_distant_days.set(true);
        }
        Verdict::Selected
    }
}

/// Judges an object that is no record: it wraps some, looks like one, or is something else.
fn judge_other<'a>(object: Object<'a>, file: &OpenFile<'_>) -> Verdict<'a> {
    let (most, left) = (file.limits.record_bytes as u64, &file.inflated_bytes);
    if let Some(wrapped) = envelope::unwrap(object, most, left) {
        return Verdict::Wraps(wrapped);
    }
    if let Some(look_alike) = LookAlike::of(object) {
        return Verdict::LookAlike(look_alike);
    }
    if let Some(wrapped) = envelope::unwrap_unknown(object) {
        return Verdict::Wraps(wrapped);
    }
    let reason = Verdict::Rejected(RejectReason::NotCloudTrail);
    look_alike::within(object).map_or(reason, Verdict::LookAlike)
}

/// Returns whether an object is a record of CloudTrail. Insights have no `eventSource`, cut records
/// perhaps no `eventVersion`; what notifies or comes from elsewhere names its source otherwise.
fn is_record(event_source: Option<&str>, object: Object<'_>) -> bool {
    let Some(source) = event_source else { return object.has("eventVersion") };
    !look_alike::is_notification(source, object)
        && !source.ends_with(".aliyuncs.com")
        && (object.has("eventVersion") || object.has("eventTime") || object.has("eventName"))
}
