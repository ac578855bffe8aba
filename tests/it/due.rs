//! Stories of what is due for a person: a condition that somebody ticks brings its care and ends other, on every van; what
//! is told about smoking decides about the lungs; a child is not asked about violence.

use crate::world::{World, begin_visit, walk_up};
use app::capture::{CaptureError, Desk, Undo};
use shared::content::Language;
use shared::content::pack::embedded;
use shared::content::questionnaire::{Answer, Answers};
use shared::domain::due::{Missing, Suggestion, Verdict};
use shared::domain::person::{Person, TobaccoStatus};
use shared::ids::PersonId;
use tests::plain::{BUCKET, FIRST_DEVICE};

fn verdict(desk: &Desk, person: PersonId, rule: &str) -> Option<Verdict> {
    let due = desk.due(person).expect("due");
    let standing = due.into_iter().find(|standing| standing.rule.is_some_and(|known| known.id == rule));
    standing.and_then(|standing| standing.verdict)
}

fn is_due(desk: &Desk, person: PersonId, rule: &str) -> bool {
    matches!(verdict(desk, person, rule), Some(Verdict::Due { .. }))
}

/// As the person's page shows it now.
fn condition(desk: &mut Desk, person: PersonId, name: &str, has: bool) -> Result<Undo, CaptureError> {
    let seen = desk.person(person)?.seen;
    desk.set_condition(person, &seen, name, has)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_is_ticked_brings_its_care_and_ends_other_on_every_van() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    assert!(is_due(&desk, person, "BP-SCREEN") && is_due(&desk, person, "BCS"));
    assert_eq!(verdict(&desk, person, "CBP"), None, "not for somebody without the condition");

    let ticked = condition(&mut desk, person, "hypertension", true).expect("noted");
    condition(&mut desk, person, "bilateral-mastectomy", true).expect("noted");
    assert!(is_due(&desk, person, "CBP"));
    assert_eq!(verdict(&desk, person, "BP-SCREEN"), None);
    assert_eq!(verdict(&desk, person, "BCS"), None);
    let due = desk.due(person).expect("due");
    let opens = |rule: &str| {
        let found = due.iter().find(|standing| standing.rule.is_some_and(|known| known.id == rule));
        found.is_some_and(|standing| matches!(standing.suggestion, Suggestion::Open { .. }))
    };
    assert!(opens("CBP") && !opens("BCS"));

    let other = FIRST_DEVICE + 1;
    world.settle(FIRST_DEVICE).await;
    world.settle(other).await;
    let colleague = world.desk(other);
    assert!(is_due(&colleague, person, "CBP"), "the condition travels with the person");

    desk.undo(ticked).expect("taken back");
    assert!(is_due(&desk, person, "BP-SCREEN") && verdict(&desk, person, "CBP").is_none());
    condition(&mut desk, person, "bilateral-mastectomy", false).expect("taken back");
    assert!(is_due(&desk, person, "BCS"));
    let kept = desk.person(person).expect("a person").person;
    assert_eq!(kept.conditions, Some(vec![]));
    assert!(condition(&mut desk, person, "gout", true).is_err(), "no rule knows it");
}

#[tokio::test(flavor = "multi_thread")]
async fn correcting_a_name_leaves_the_conditions_as_they_are() {
    let world = World::of(1).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    condition(&mut desk, person, "diabetes", true).expect("noted");
    let draft = shared::draft::PersonDraft {
        family_name: "Walkup-Sample".into(),
        given_name: "Nora".into(),
        birth_date: "1970-01-01".into(),
        ..Default::default()
    };
    let seen = desk.person(person).expect("a person").seen;
    desk.edit_person(person, &seen, &draft, BUCKET).expect("corrected");
    let Person { given_name, conditions, .. } = desk.person(person).expect("a person").person;
    assert_eq!((given_name.as_deref(), conditions), (Some("Nora"), Some(vec!["73211009".to_owned()])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_about_smoking_decides_about_the_lungs() {
    let world = World::of(1).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1965-01-01");
    let visit = begin_visit(&mut desk, person);
    assert_eq!(verdict(&desk, person, "LCS"), Some(Verdict::NeedsToKnow(Missing::Smoking)));
    let form = embedded().form("tobacco-status").expect("a form");
    let mut answers = Answers::new();
    let mut record = |link_id: &str, answer| answers.record(form, link_id, answer).expect("it is asked");
    record("/72166-2", Answer::code(TobaccoStatus::Former.code()));
    record("/8664-5", Answer::Integer(32));
    record("/74010-0", Answer::Date("2020-06".parse().expect("a month")));
    desk.record_response(visit, form, &answers, Language::English).expect("answered");
    let seen = desk.person(person).expect("there").seen;
    desk.set_tobacco_status(person, &seen, TobaccoStatus::Former, BUCKET, visit).expect("noted");
    assert!(is_due(&desk, person, "LCS"));
    assert!(matches!(verdict(&desk, person, "TOB"), Some(Verdict::Met { .. })));

    condition(&mut desk, person, "lung-cancer", true).expect("noted");
    assert_eq!(verdict(&desk, person, "LCS"), None, "whoever has it is not screened for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smoking_status_that_came_after_the_form_began_stands_beside_what_is_told() {
    let other = FIRST_DEVICE + 1;
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1965-01-01");
    let visit = begin_visit(&mut desk, person);
    let seen = desk.person(person).expect("there").seen;
    world.settle(FIRST_DEVICE).await;
    world.settle(other).await;
    let mut colleague = world.desk(other);
    let shown = colleague.person(person).expect("it came").seen;
    colleague.set_tobacco_status(person, &shown, TobaccoStatus::Former, BUCKET, visit).expect("noted");
    world.settle(other).await;
    world.settle(FIRST_DEVICE).await;

    desk.set_tobacco_status(person, &seen, TobaccoStatus::Never, BUCKET, visit).expect("noted");
    let conflicts = desk.person(person).expect("there").conflicts;
    assert_eq!(conflicts.len(), 1, "what the form had not seen is not written over");
    assert_eq!(conflicts[0].candidates.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_not_asked_about_violence_at_home_and_owes_no_answer_about_it() {
    let world = World::of(1).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let years_ago = |years: u32| {
        let today = desk.local_day().expect("a day");
        today.checked_sub_months(chrono::Months::new(12 * years)).expect("a day").to_string()
    };
    let (born_child, born_adult) = (years_ago(10), years_ago(18));
    let child = walk_up(&mut desk, &born_child);
    let view = desk.person(child).expect("a person");
    let content = view.packs.current();
    assert_eq!(content.forms_asked(view.age_years).count(), 0);
    assert_eq!(verdict(&desk, child, "SNS-E"), None);
    let adult = walk_up(&mut desk, &born_adult);
    let view = desk.person(adult).expect("a person");
    assert!(content.forms_asked(view.age_years).any(|form| form.id() == Some("ahc-hrsn-core")));
    assert!(is_due(&desk, adult, "SNS-E"));
}
