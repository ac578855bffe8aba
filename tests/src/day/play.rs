//! The day, step by step, with its progress and its table.

use super::conflict::{see_conflict, settle_conflict};
use super::killed::run_until_killed;
use super::server::{Server, ServerError};
use super::table::Table;
use super::verify::{follow_up, hand_back, hand_over, verify_all};
use super::work::{Errand, WorkPlan, leave_some_under_way, run_errand, work_stop};
use crate::proxy::Proxy;
use crate::touch::{TouchError, Worked, at_a_tablet};
use crate::van::{Van, VanError, is_settled};
use app::capture::{PackState, StopView};
use app::store::{LogReads, RecordReads};
use shared::domain::person::TobaccoStatus;
use shared::domain::route::Site;
use shared::ids::Sequence;
use std::path::{Path, PathBuf};

/// The PIN of everybody in the demo.
pub const PIN: &str = "482915";

/// What the office publishes in the morning.
pub(super) const RELEASE: &str = "caravan-core 2026.11.3 + gulf-sample 1.0.2";

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
    Touch(#[from] TouchError),
    #[error(transparent)]
    Capture(#[from] app::capture::CaptureError),
    #[error(transparent)]
    Store(#[from] app::store::StoreError),
    #[error("{0}: {1}")]
    File(String, std::io::Error),
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
        super::known::conditions(&mut table, options, van)?;
        let people = if let PackState::Complete { people, .. } = day.pack { people } else { 0 };
        table.verify(
            &format!("{name}: the day pack is complete"),
            people >= expected,
            format!("{people} people"),
        );
    }

    println!("\nThe cable is cut; both vans work their stops");
    line.cut();
    let [first, second] = errands(&shared_badge(&one, &two, &badges)?);
    let mut worked = work_offline(options, &mut one, &badges, &first)?;
    let killed = work_and_be_killed(options, &mut two, &badges, &second, &mut table)?;
    add(&mut worked, killed);
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
    see_conflict(&server, &one, &two, &mut table)?;
    let taken = at_a_tablet(one.folder.path(), one.staff, PIN, 0, &mut |_| Ok(()), |touch| {
        super::pictures::take(touch, &options.pictures)
    })?;
    println!("  they are in {}", options.pictures.display());
    table.did("pictures of the screens", taken.pictures);
    super::take_home::check(&mut table, options, &taken.printed)?;
    settle_conflict(&server, &one, &two, &mut table).await?;

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

/// The first van's day at the touch screens, with somebody whom both vans see, and a last stop that is still at work.
fn work_offline(
    options: &Options,
    van: &mut Van,
    badges: &[Badge],
    errand: &Errand,
) -> Result<Worked, DayError> {
    let stops = van.desk.today()?.stops;
    let mut plans = Vec::new();
    for stop in &stops {
        plans.push(plan(van, stop, badges, 0, options.people_a_stop)?);
    }
    let last = stops.last().ok_or_else(|| DayError::Wrong("the first van has no stop".into()))?;
    let waiting = plan(van, last, badges, 60, 6)?.badges;
    let seed = plans.first().map_or(0, |plan| plan.seed);
    let worked = at_a_tablet(van.folder.path(), van.staff, PIN, seed, &mut |_| Ok(()), |touch| {
        for (plan, stop) in plans.iter().zip(&stops) {
            work_stop(touch, plan)?;
            println!("  {}: {} visits so far", stop.site_name, touch.worked.visits);
            match stop.id == last.id {
                true => leave_some_under_way(touch, &waiting)?,
                false => {
                    run_errand(touch, stop.id, errand)?;
                    touch.close_stop()?;
                }
            }
        }
        Ok(touch.worked)
    })?;
    Ok(worked)
}

/// Somebody of the site that both vans visit, whom neither sees otherwise.
fn shared_badge(one: &Van, two: &Van, badges: &[Badge]) -> Result<String, DayError> {
    const AFTER_THE_OTHERS: usize = 80;
    for badge in badges.iter().skip(AFTER_THE_OTHERS) {
        let is_one = |van: &Van| van.desk.find(&badge.number, None, 2).map(|hits| hits.len() == 1);
        if is_one(one)? && is_one(two)? {
            return Ok(badge.number.clone());
        }
    }
    Err(DayError::Wrong("the vans share nobody".into()))
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
fn work_and_be_killed(
    options: &Options,
    van: &mut Van,
    badges: &[Badge],
    errand: &Errand,
    table: &mut Table,
) -> Result<Worked, DayError> {
    let stops = van.desk.today()?.stops;
    let mut plans = Vec::new();
    for stop in &stops {
        plans.push(plan(van, stop, badges, 40, options.people_a_stop)?);
    }
    let Some(first) = plans.first() else { return Err(DayError::Wrong("the second van has no stop".into())) };
    let mut acknowledged: Vec<(Sequence, String)> = Vec::new();
    let mut kills = 0;
    for lines_before_kill in [25, 60, 110, usize::MAX] {
        let (saved, finished) = run_until_killed(options, van, first, lines_before_kill)?;
        acknowledged.extend(saved);
        if finished {
            break;
        }
        kills += 1;
    }
    let mut lost = 0;
    for (sequence, hash) in &acknowledged {
        // One hash stands for its change and for every one before it.
        let kept = van.desk.store().hash_at(*sequence)?.map(|kept| format!("{kept:?}"));
        lost += usize::from(kept.as_ref() != Some(hash));
    }
    table.did("kill -9 of the second van in the middle of saves", kills);
    table.verify(
        "no acknowledged save is lost to a kill, no repair needed",
        lost == 0 && kills == 3,
        format!("{} saves", acknowledged.len()),
    );
    let mut worked = at_a_tablet(van.folder.path(), van.staff, PIN, first.seed, &mut |_| Ok(()), |touch| {
        for plan in &plans {
            work_stop(touch, plan)?;
        }
        if let Some(shared) = plans.last() {
            run_errand(touch, shared.stop, errand)?;
        }
        Ok(touch.worked)
    })?;
    worked.visits = stops
        .iter()
        .map(|stop| van.desk.board(stop.id).map(|board| board.done.len() as u32))
        .sum::<Result<u32, _>>()?;
    Ok(worked)
}

/// Both vans see one person of the site that they share: each writes down another smoking status, and each puts another
/// field right.
fn errands(badge: &str) -> [Errand; 2] {
    let errand = |status: TobaccoStatus, field, value| Errand {
        badge: badge.to_owned(),
        answer: status.code(),
        field,
        value,
    };
    [
        errand(TobaccoStatus::Former, "email", SAMPLE_EMAIL),
        errand(TobaccoStatus::EveryDay, "address_line", SAMPLE_ADDRESS),
    ]
}

pub(super) const SAMPLE_EMAIL: &str = "corrected@sample.example";
pub(super) const SAMPLE_ADDRESS: &str = "7 Corrected Sample Street";

fn report_work(table: &mut Table, worked: &Worked) {
    let kinds = [
        worked.visits,
        worked.registered,
        worked.readings,
        worked.responses,
        worked.gaps_decided,
        worked.dangerous,
        worked.refused_inputs,
    ];
    let missing = kinds.iter().filter(|count| **count == 0).count();
    table.verify(
        "every kind of work was done at the screens",
        missing == 0,
        format!("{} kinds", kinds.len()),
    );
    table.did("visits finished", worked.visits);
    table.did("walk-ups registered", worked.registered);
    table.did("readings taken", worked.readings);
    table.did("questionnaires answered", worked.responses);
    table.did("gaps in care decided", worked.gaps_decided);
    table.did("dangerous values acted on", worked.dangerous);
    table.did("wrong inputs refused with a reason", worked.refused_inputs);
}
