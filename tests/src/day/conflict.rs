//! The field that both vans changed apart: both values on both vans and on the server, until one person's choice ends it
//! everywhere.

use super::play::{DayError, PIN, SAMPLE_ADDRESS, SAMPLE_EMAIL};
use super::server::Server;
use super::table::Table;
use crate::touch::at_a_tablet;
use crate::van::Van;
use app::capture::ConflictView;
use shared::domain::person::TobaccoStatus;
use shared::ids::PersonId;
use shared::record::FieldType;

/// Which of the values somebody takes, counted from 0.
const CHOSEN: usize = 1;

/// The conflict as the first van sees it.
fn open_on(van: &Van) -> Result<ConflictView, DayError> {
    let conflict = van.desk.conflicts()?.into_iter().next();
    conflict.ok_or_else(|| DayError::Wrong("the field that both vans changed shows no conflict".into()))
}

/// Codes of the values that stand side by side.
fn codes(conflict: &ConflictView) -> Vec<&'static str> {
    let values =
        conflict.candidates.iter().filter_map(|candidate| TobaccoStatus::from_value(&candidate.value));
    values.map(TobaccoStatus::code).collect()
}

/// Both values are there wherever somebody may look.
pub(super) fn see_conflict(server: &Server, one: &Van, two: &Van, table: &mut Table) -> Result<(), DayError> {
    let seen = [one, two].iter().all(|van| van.desk.conflicts().is_ok_and(|open| open.len() == 1));
    table.verify("the field that both vans changed shows both values on both", seen, "2 values");
    let conflict = open_on(one)?;
    let codes = codes(&conflict);
    let both = conflict.candidates.len() == 2 && codes.len() == 2 && codes[0] != codes[1];
    table.verify("the conflict is of the person and the field that were changed", both, conflict.field);
    let listed = server.conflicts()?;
    let (record, field) = (conflict.subject.record.to_string(), conflict.field);
    let names_it = listed.first().is_some_and(|line| line.contains(&record) && line.contains(field));
    let values = |code: &&str| listed.iter().skip(1).filter(|line| line.contains(*code)).count() == 1;
    table.verify(
        "the server shows both values too",
        names_it && listed.len() == 3 && codes.iter().all(values),
        format!("{} values", listed.len().saturating_sub(1)),
    );
    Ok(())
}

/// One of the two values is chosen in the first van's inbox, and that ends it everywhere.
pub(super) async fn settle_conflict(
    server: &Server,
    one: &Van,
    two: &Van,
    table: &mut Table,
) -> Result<(), DayError> {
    let conflict = open_on(one)?;
    let person = PersonId::from(conflict.subject.record);
    let choice =
        conflict.candidates.get(CHOSEN).and_then(|candidate| TobaccoStatus::from_value(&candidate.value));
    let words =
        at_a_tablet(one.folder.path(), one.staff, PIN, 0, &mut |_| Ok(()), |touch| touch.settle(CHOSEN))?;
    one.settle(10).await?;
    two.settle(10).await?;
    let (a, b) = (one.desk.person(person)?.person, two.desk.person(person)?.person);
    let settled = choice.is_some()
        && a.tobacco_status == choice
        && b.tobacco_status == choice
        && one.desk.conflicts()?.is_empty()
        && two.desk.conflicts()?.is_empty();
    table.verify("one person's choice settled it on both vans", settled, words);
    let left = server.conflicts()?;
    table.verify("and on the server", left.is_empty(), format!("{} left", left.len()));
    let survived = [&a, &b].iter().all(|person| {
        person.email.as_deref() == Some(SAMPLE_EMAIL)
            && person.address_line.as_deref() == Some(SAMPLE_ADDRESS)
    });
    table.verify("different fields changed apart all survive", survived, "2 of 2");
    Ok(())
}
