//! What the office's roster says of people's conditions, as the van's own rules take it: care that a condition brings, and
//! care that one ends.

use super::play::{DayError, Options, file};
use super::table::Table;
use crate::van::Van;
use shared::domain::due::Verdict;
use shared::ids::PersonId;

/// A condition as the roster writes it, the rule that it decides, and whether it brings its care.
const DECIDES: [(&str, &str, bool); 5] = [
    ("hypertension", "CBP", true),
    ("38341003", "CBP", true),
    ("diabetes", "GSD", true),
    ("bilateral-mastectomy", "BCS", false),
    ("hysterectomy-no-cervix", "CCS", false),
];

/// Everybody of the roster who is on this van, wears a badge and has one of these conditions.
pub(super) fn conditions(table: &mut Table, options: &Options, van: &Van) -> Result<(), DayError> {
    let path = options.demo.join("roster.csv");
    let text = std::fs::read_to_string(&path).map_err(file(&path))?;
    let (mut brought, mut ended, mut wrong) = (0, 0, 0);
    for row in text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
        let (Some(badge), Some(cell)) = (row.get(2).filter(|badge| !badge.is_empty()), row.last()) else {
            continue;
        };
        let hits = van.desk.find(badge, None, 2)?;
        let [hit] = hits.as_slice() else { continue };
        // The digits of a badge that is on no list of this van may be somebody else's telephone number.
        let person = van.desk.person(hit.id)?.person;
        if person.employee_number.as_deref() != Some(*badge) {
            continue;
        }
        for (_, rule, brings) in DECIDES.iter().filter(|(name, ..)| cell.split(';').any(|word| word == *name))
        {
            let is_theirs = is_for(van, hit.id, rule)?;
            wrong += usize::from(is_theirs != *brings);
            *(if *brings { &mut brought } else { &mut ended }) += 1;
        }
    }
    let name = van.desk.identity().van_code.clone();
    table.verify(
        &format!("{name}: known conditions bring their care and end other"),
        wrong == 0 && brought > 0 && ended > 0,
        format!("{brought} brought, {ended} ended"),
    );
    Ok(())
}

fn is_for(van: &Van, person: PersonId, rule: &str) -> Result<bool, DayError> {
    let due = van.desk.due(person)?;
    let of_rule = due.iter().filter(|standing| standing.rule.is_some_and(|known| known.id == rule));
    let not_for = |verdict: &Option<Verdict>| matches!(verdict, None | Some(Verdict::NotFor(_)));
    Ok(of_rule.map(|standing| &standing.verdict).any(|verdict| !not_for(verdict)))
}
