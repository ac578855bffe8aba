//! The day, step by step, with its progress and its table.

use super::compare::Holdings;
use super::killed::run_until_killed;
use super::server::{Server, ServerError};
use super::table::Table;
use super::verify::{follow_up, hand_back, hand_over, verify_all};
use super::work::{WorkError, WorkPlan, Worked, work_stop};
use crate::proxy::Proxy;
use crate::van::{Van, VanError, is_settled};
use app::capture::{PackState, StopView};
use app::store::RecordReads;
use shared::domain::person::TobaccoStatus;
use shared::domain::route::{Site, StopStatus};
use shared::ids::{PersonId, Sequence, VisitId};
use std::path::{Path, PathBuf};

/// The PIN of everybody in the demo.
pub const PIN: &str = "482915";

/// What the office publishes in the morning.
pub(super) const RELEASE: &str = "caravan-core 2026.11.1 + gulf-sample 1.0.0";

/// Where the day is played.
pub struct Options {
    /// Folder with the CSV files of the day.
    pub demo: PathBuf,
    /// An empty folder for servers and vans.
    pub work: PathBuf,
    /// This program, which also plays the server and the van that is killed.
    pub program: PathBuf,
    /// People with a badge at each stop.
    pub people_a_stop: usize,
    /// Where pictures of the screens go.
    pub pictures: PathBuf,
}

/// Why the day ended early.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Van(#[from] VanError),
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error(transparent)]
    Capture(#[from] app::capture::CaptureError),
    #[error(transparent)]
    Store(#[from] app::store::StoreError),
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error(transparent)]
    Picture(#[from] super::pictures::PictureError),
    #[error("{0}")]
    Wrong(String),
}

pub(super) fn file(path: &Path) -> impl Fn(std::io::Error) -> DayError + '_ {
    move |error| DayError::File(path.display().to_string(), error)
}

/// Plays the day; true when everything that was compared is equal.
pub async fn play(options: &Options) -> Result<bool, DayError> {
    let mut table = Table::default();
    println!("Caravan: one van day on real parts\n\nMorning at the office");
    let server = Server::start(options).await?;
    for line in server.publish_packs(options)?.into_iter().chain(server.import_day(options)?) {
        println!("  {line}");
    }
    let badges = badges(options)?;

    println!("\nTwo vans enrol and load their day");
    let line = Proxy::start(server.address).await.map_err(file(&options.work))?;
    let mut one = enrol(&server, options, "VAN-01", "S-101", line.address).await?;
    let mut two = enrol(&server, options, "VAN-02", "S-201", line.address).await?;
    for van in [&one, &two] {
        van.settle(20).await?;
        let day = van.desk.today()?;
        let expected: usize = day.stops.iter().map(|stop| stop.expected).sum();
        let name = van.desk.identity().van_code.clone();
        table.did(&format!("{name}: stops, people expected"), format!("{}, {expected}", day.stops.len()));
        let release = van.desk.packs()?.current().name();
        table.verify(
            &format!("{name}: asks under the release that was published"),
            release == RELEASE,
            release,
        );
        let people = if let PackState::Complete { people, .. } = day.pack { people } else { 0 };
        table.verify(
            &format!("{name}: the day pack is complete"),
            people >= expected,
            format!("{people} people"),
        );
    }

    println!("\nThe cable is cut; both vans work their stops");
    line.cut();
    let mut worked = work_offline(options, &mut one, &badges, 0).await?;
    let killed = work_and_be_killed(options, &mut two, &badges, &mut table).await?;
    add(&mut worked, killed);
    let (shared_person, seen_by_two) = disagree(&mut one, &mut two)?;
    let offline = one.sync().await?;
    table.verify("without a network sync waits and work goes on", offline.settled_at.is_none(), "offline");
    report_work(&mut table, &worked);

    println!("\nEvening: the cable is back");
    line.restore();
    line.break_after(9_000);
    let broken = one.sync().await?;
    table.verify(
        "a line that breaks in the middle of sync is noticed",
        broken.settled_at.is_none(),
        "resumed",
    );
    line.restore();
    for _ in 0..2 {
        for van in [&one, &two] {
            let report = van.settle(40).await?;
            if !is_settled(&report) {
                return Err(DayError::Wrong(format!("sync did not settle: {report:?}")));
            }
        }
    }
    let conflict_seen = [&one, &two].iter().all(|van| van.desk.conflicts().is_ok_and(|open| open.len() == 1));
    table.verify("the field that both vans changed shows both values on both", conflict_seen, "2 values");
    let pictures = super::pictures::take(&one, PIN, &options.pictures)?;
    table.did(&format!("pictures of the screens in {}", options.pictures.display()), pictures);
    settle_conflict(&mut one, &two, shared_person, seen_by_two, &mut table).await?;

    println!("\nThe comparison");
    verify_all(&mut table, options, &server, &line, &one, &two).await?;
    hand_back(&mut table, options, &server, &worked)?;
    follow_up(&mut table, &server, &one, &two)?;
    hand_over(&mut table, options, &server, &one)?;
    server.stop().await?;
    table.print();
    Ok(table.holds())
}

async fn enrol(
    server: &Server,
    options: &Options,
    van: &str,
    staff: &str,
    line: std::net::SocketAddr,
) -> Result<Van, DayError> {
    enrol_in(server, &options.work.join(van), van, staff, line).await
}

pub(super) async fn enrol_in(
    server: &Server,
    folder: &Path,
    van: &str,
    staff: &str,
    line: std::net::SocketAddr,
) -> Result<Van, DayError> {
    let code = server.enrolment_code(van, staff)?;
    let mut enrolled = Van::enrol(folder, &code, PIN).await?;
    enrolled.through = Some(line);
    Ok(enrolled)
}

/// An employee's badge as the scanner reads it, and the code of the site where it is expected.
struct Badge {
    site: String,
    number: String,
}

fn badges(options: &Options) -> Result<Vec<Badge>, DayError> {
    let path = options.demo.join("roster.csv");
    let text = std::fs::read_to_string(&path).map_err(file(&path))?;
    let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let employees = rows.filter(|row| row.len() > 3 && row[3] == "employee" && !row[2].is_empty());
    Ok(employees.map(|row| Badge { site: row[0].to_owned(), number: row[2].to_owned() }).collect())
}

/// Who comes to a stop: people of its site's roster, after the first `skip` of them.
fn plan(
    van: &mut Van,
    stop: &StopView,
    badges: &[Badge],
    skip: usize,
    count: usize,
) -> Result<WorkPlan, DayError> {
    let site = van.desk.store().state(stop.site.into())?.map(|state| Site::read(&state)).unwrap_or_default();
    let of_site = badges.iter().filter(|badge| Some(&badge.site) == site.code.as_ref());
    Ok(WorkPlan {
        stop: stop.id,
        badges: of_site.skip(skip).take(count).map(|badge| badge.number.clone()).collect(),
        walk_ups: 1,
        seed: u64::from(van.desk.identity().number) * 1000 + u64::from(stop.id.as_bytes()[15]),
    })
}

async fn work_offline(
    options: &Options,
    van: &mut Van,
    badges: &[Badge],
    skip: usize,
) -> Result<Worked, DayError> {
    let mut worked = Worked::default();
    let stops = van.desk.today()?.stops;
    let last = stops
        .last()
        .map(|stop| stop.id)
        .ok_or_else(|| DayError::Wrong("the first van has no stop".into()))?;
    for stop in stops {
        let plan = plan(van, &stop, badges, skip, options.people_a_stop)?;
        van.desk.set_stop_status(stop.id, StopStatus::Arrived)?;
        add(&mut worked, work_stop(&mut van.desk, &plan, &mut |_, _| Ok(()))?);
        if stop.id == last {
            let waiting: Vec<String> = self::plan(van, &stop, badges, 60, 6)?.badges;
            super::pictures::leave_some_under_way(van, stop.id, &waiting)?;
        } else {
            van.desk.set_stop_status(stop.id, StopStatus::Departed)?;
        }
        println!("  {}: {} visits so far", stop.site_name, worked.visits);
    }
    Ok(worked)
}

fn add(sum: &mut Worked, part: Worked) {
    sum.visits += part.visits;
    sum.registered += part.registered;
    sum.readings += part.readings;
    sum.responses += part.responses;
    sum.gaps_decided += part.gaps_decided;
    sum.dangerous += part.dangerous;
    sum.refused_inputs += part.refused_inputs;
    sum.duplicates_shown += part.duplicates_shown;
}

/// The second van's first stop is worked in a process of its own, which is killed three times in the middle of it.
async fn work_and_be_killed(
    options: &Options,
    van: &mut Van,
    badges: &[Badge],
    table: &mut Table,
) -> Result<Worked, DayError> {
    let stops = van.desk.today()?.stops;
    let Some(first) = stops.first() else { return Err(DayError::Wrong("the second van has no stop".into())) };
    let plan_of_first = plan(van, first, badges, 40, options.people_a_stop)?;
    let mut acknowledged: Vec<(VisitId, Sequence)> = Vec::new();
    let mut kills = 0;
    for lines_before_kill in [7, 15, 20, usize::MAX] {
        let (saved, finished) = run_until_killed(options, van, &plan_of_first, lines_before_kill)?;
        acknowledged.extend(saved);
        if finished {
            break;
        }
        kills += 1;
    }
    let reopened = Van::sign_in(van.folder.path(), van.staff, PIN)?;
    let through = van.through;
    *van = reopened;
    van.through = through;
    let mut lost = 0;
    for (visit, _) in &acknowledged {
        lost += usize::from(!van.desk.store().has_record((*visit).into())?);
    }
    let last = acknowledged.iter().map(|(_, sequence)| *sequence).max().unwrap_or_default();
    let head = app::store::LogReads::log_head(van.desk.store())?.map_or(Sequence(0), |head| head.sequence);
    table.did("kill -9 of the second van in the middle of saves", kills);
    let holds = lost == 0 && head >= last && kills == 3;
    table.verify(
        "no acknowledged save is lost to a kill, no repair needed",
        holds,
        format!("{} saves", acknowledged.len()),
    );
    let mut worked = work_stop(&mut van.desk, &plan_of_first, &mut |_, _| Ok(()))?;
    for stop in stops.iter().skip(1) {
        let plan = plan(van, stop, badges, 40, options.people_a_stop)?;
        add(&mut worked, work_stop(&mut van.desk, &plan, &mut |_, _| Ok(()))?);
    }
    worked.visits = stops
        .iter()
        .map(|stop| van.desk.board(stop.id).map(|board| board.done.len() as u32))
        .sum::<Result<u32, _>>()?;
    Ok(worked)
}

/// Both vans know one person of the site that they share; each changes the smoking status, and each another field.
fn disagree(one: &mut Van, two: &mut Van) -> Result<(PersonId, TobaccoStatus), DayError> {
    let mut found = None;
    let theirs = Holdings::of(two.desk.store())?;
    for hit in one.desk.find("sample", None, 60)? {
        if theirs.states.contains_key(&hit.id.into()) {
            found = Some(hit.id);
            break;
        }
    }
    let person = found.ok_or_else(|| DayError::Wrong("the vans share nobody".into()))?;
    for (van, status) in [(one, TobaccoStatus::Former), (two, TobaccoStatus::EveryDay)] {
        let bucket = van.desk.store().bucket_of(person.into())?;
        let bucket = bucket.ok_or_else(|| DayError::Wrong("a person of no bucket".into()))?;
        van.desk.set_tobacco_status(person, status, bucket, None)?;
        let allergy = if status == TobaccoStatus::Former { "latex" } else { "penicillin" };
        van.desk.add_allergy(person, allergy, bucket)?;
    }
    Ok((person, TobaccoStatus::EveryDay))
}

fn report_work(table: &mut Table, worked: &Worked) {
    table.did("visits finished", worked.visits);
    table.did("walk-ups registered", worked.registered);
    table.did("readings taken", worked.readings);
    table.did("questionnaires answered", worked.responses);
    table.did("gaps in care decided", worked.gaps_decided);
    table.did("dangerous values acted on", worked.dangerous);
    table.did("wrong inputs refused with a reason", worked.refused_inputs);
}

async fn settle_conflict(
    one: &mut Van,
    two: &Van,
    person: PersonId,
    choice: TobaccoStatus,
    table: &mut Table,
) -> Result<(), DayError> {
    use shared::record::FieldType;
    let Some(conflict) = one.desk.conflicts()?.into_iter().next() else { return Ok(()) };
    let both = conflict.candidates.len() == 2 && conflict.subject.record == person.into();
    table.verify("the conflict is of the person and the field that were changed", both, conflict.field);
    one.desk.settle(person.into(), &conflict.key, choice.to_value())?;
    one.settle(10).await?;
    two.settle(10).await?;
    let (a, b) = (one.desk.person(person)?, two.desk.person(person)?);
    let settled = a.person.tobacco_status == Some(choice)
        && b.person.tobacco_status == Some(choice)
        && one.desk.conflicts()?.is_empty()
        && two.desk.conflicts()?.is_empty();
    table.verify("one person's choice settled it on both vans", settled, choice.code());
    let allergies = b.person.allergies.unwrap_or_default();
    table.verify(
        "different fields changed apart all survive",
        allergies.len() == 2,
        format!("{} of 2", allergies.len()),
    );
    Ok(())
}
