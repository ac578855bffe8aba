//! Stories of who pays: each visit has one charge line with the rule that made it, and no later agreement rewrites it.

use app::capture::CheckInDraft;
use app::store::RecordReads;
use shared::domain::account::Payer;
use shared::domain::fee::{Charge, Eligibility};
use shared::ids::{PersonId, StopId};
use sync_server::export;
use sync_server::import::{self, ImportOptions};
use sync_server::planner::ImportKind;
use tests::office::Office;
use tests::sample::agreed_aloud;
use tests::van::Van;

const ROSTER: &str = "site_code,employer_code,employee_number,relation,employee_of,family_name,given_name,middle_name,\
    birth_date,sex,language,phone,email,address,city,state,postal_code,member_number,plan,coverage_from,coverage_to\n\
    STEEL-1,SSW-1,E-1,employee,,Charge-Sample,Ada,,1980-02-03,female,en,,,,,,,M-1,Sample,2026-01-01,\n\
    STEEL-1,SSW-1,E-2,employee,,Charge-Sample,Bo,,1981-02-03,male,en,,,,,,,,,,\n\
    STEEL-1,SSW-1,,child,E-1,Charge-Sample,Cy,,2012-02-03,male,en,,,,,,,,,,\n";

async fn agree(office: &Office, agreement: &str) {
    let text = format!(
        "code,name,fee_payer,fee_cents,valid_from,valid_to,dependents\nSSW-1,Sample Steel,{agreement}\n"
    );
    let report =
        import::run(&office.server.service, ImportKind::Employers, text.into(), ImportOptions::default())
            .await
            .expect("imported");
    assert!(report.is_written, "{report}");
}

fn check_in(van: &mut Van, person: PersonId, stop: StopId) {
    let identifiers = vec!["name".into(), "badge".into()];
    van.desk
        .check_in(&CheckInDraft { person, stop, identifiers, consent: agreed_aloud(), walk_up: false })
        .expect("checked in");
}

fn charges(van: &Van, person: PersonId) -> Vec<(Option<Payer>, Option<i64>, Option<String>)> {
    let facts = van.store().expect("a store").facts(person.into(), &Charge::KIND).expect("facts");
    let line = |charge: Charge| (charge.payer, charge.fee_cents, charge.rule);
    facts.iter().map(|fact| line(Charge::read(fact))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_agreement_counts_for_the_next_visit_and_never_for_a_past_one() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let report =
        import::run(&office.server.service, ImportKind::Roster, ROSTER.into(), ImportOptions::default())
            .await
            .expect("imported");
    assert!(report.is_written, "{report}");
    agree(&office, "employer,4500,2026-01-01,,yes").await;
    let mut van = office.enrol("tablet").await.expect("enrolled");
    van.settle(10).await.expect("synced");
    let stop = van.desk.today().expect("a day").stops[0].id;
    let found = |van: &Van, name: &str| van.desk.find(name, None, 5).expect("found")[0].id;
    let (ada, bo, cy) = (found(&van, "Ada"), found(&van, "Bo"), found(&van, "Cy"));
    check_in(&mut van, ada, stop);
    check_in(&mut van, cy, stop);
    van.settle(10).await.expect("synced");

    agree(&office, "plan,3000,2026-01-01,,no").await;
    van.settle(10).await.expect("synced");
    check_in(&mut van, bo, stop);
    van.settle(10).await.expect("synced");
    let agreement = |payer, cents, rule: &str| vec![(Some(payer), Some(cents), Some(rule.to_owned()))];
    assert_eq!(charges(&van, ada), agreement(Payer::Employer, 4_500, "employer-agreement"));
    assert_eq!(charges(&van, cy), agreement(Payer::Employer, 4_500, "employer-agreement-dependent"));
    assert_eq!(charges(&van, bo), agreement(Payer::Plan, 3_000, "employer-agreement"));
    let of = |person| van.desk.person(person).expect("a person").fee;
    assert_eq!(of(cy).payer, Payer::Person, "a visit today would not be the employer's any more");
    assert_eq!(of(cy).eligibility, Eligibility::Dependent);

    let lines = export::charges(&office.server.service).await.expect("exported");
    let text = String::from_utf8(lines.csv).expect("text");
    assert_eq!(lines.rows, 3, "{text}");
    assert!(text.contains(",employer,4500,employer-agreement-dependent,dependent,no,STEEL-1"), "{text}");
    assert!(text.contains(",plan,3000,employer-agreement,non-member,no,STEEL-1"), "{text}");
}
