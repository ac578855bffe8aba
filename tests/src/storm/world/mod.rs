//! A simulated world: vans with their devices, an office, a bad line between them, and time that runs as fast as the
//! machine. Everything but time, line and people is the product's own. The same seed gives the same days.

mod events;
mod judge;
mod office;
mod pace;
mod plant;
mod post;
mod relay;
mod replica;
mod tablet;
mod wire;

pub use plant::{ALTERED, ALTERED_AT_OFFICE, KEPT, LYING, UNFOUND};

use super::disk::{NOON, SITE};
use super::{Case, Report, Storm};
use crate::plain::FIRST_DEVICE;
use crate::sample::Seeded;
use events::Event;
use office::Office;
use pace::Pace;
use plant::Plant;
use post::Sent;
use relay::Relay;
use replica::CALM_MS_MAX;
use shared::ids::{SiteId, VanId};
use shared::time::Timestamp;
use std::collections::BTreeMap;
use tablet::Tablet;
use tokio::runtime::Runtime;

pub const WORLD: Storm = Storm {
    name: "world",
    group: "world",
    unit: "van-hours",
    aim: 3_600,
    is_whole: false,
    rounds: None,
    case,
};

const VANS: usize = 4;
const DEVICES_A_VAN: usize = 2;
const HOUR_MS: i64 = 3_600_000;
const OTHER_SITE: SiteId = SiteId::from_bytes([6; 16]);

struct World {
    runtime: Runtime,
    /// One thread beside this one, on which tablets merge while the next page is asked for.
    threads: Runtime,
    office: Office,
    tablets: Vec<Tablet>,
    wakes: Vec<u64>,
    /// One a van.
    relays: Vec<Relay>,
    sent: Vec<Sent>,
    events: BTreeMap<(i64, u64), Event>,
    planned: u64,
    now_ms: i64,
    is_calm: bool,
    pace: Pace,
    plant: Plant,
    /// When a van was first sent elsewhere, as far as anybody can tell.
    replanned_ms: i64,
    restart_is_planned: bool,
    seeded: Seeded,
    report: Report,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn case(case: &Case) -> Report {
    world(case, Plant::Nothing)
}

fn world(case: &Case, plant: Plant) -> Report {
    match World::found(case.seeded(30), Pace::of(case), plant).and_then(|world| world.live(case.size)) {
        Ok(report) => report,
        Err(finding) => Report { findings: vec![finding.to_string()], ..Report::default() },
    }
}

fn van(place: usize) -> VanId {
    VanId::from_bytes([0xa1 + place as u8; 16])
}

impl World {
    fn found(seeded: Seeded, pace: Pace, plant: Plant) -> Outcome<World> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let threads = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build()?;
        let both = vec![SITE, OTHER_SITE];
        let sites = [both.clone(), both, vec![OTHER_SITE], vec![SITE]];
        let plan: Vec<(VanId, Vec<SiteId>)> =
            (0..VANS).map(|place| (van(place), sites[place].clone())).collect();
        let whose = |device: usize| device / DEVICES_A_VAN;
        let number = |device: usize| FIRST_DEVICE + device as u32;
        let devices: Vec<(u32, VanId)> =
            (0..VANS * DEVICES_A_VAN).map(|device| (number(device), van(whose(device)))).collect();
        let office = runtime.block_on(Office::found(&plan, &devices))?;
        let key = office.service().keys.signing.verifying_key().to_bytes();
        let mut tablets = Vec::new();
        for (device, (number, van)) in devices.iter().enumerate() {
            let lies = plant == Plant::Lying;
            tablets.push(Tablet::new(*number, *van, sites[whose(device)].clone(), key, lies)?);
        }
        let mut world = World {
            runtime,
            threads,
            office,
            relays: (0..VANS).map(|_| Relay::default()).collect(),
            wakes: vec![0; tablets.len()],
            tablets,
            sent: Vec::new(),
            events: BTreeMap::new(),
            planned: 0,
            now_ms: NOON.milliseconds(),
            is_calm: false,
            pace,
            plant,
            replanned_ms: i64::MAX,
            restart_is_planned: false,
            seeded,
            report: Report::default(),
        };
        world.begin();
        Ok(world)
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.now_ms)
    }

    /// Until the last calm, or the first one after so many van-hours: less of the same world.
    fn live(mut self, van_hours: u64) -> Outcome<Report> {
        let Pace { calms, hours_between_calms, .. } = self.pace;
        for calm in 1..=calms {
            let until = NOON.milliseconds() + calm * hours_between_calms * HOUR_MS;
            while self.now_ms < until {
                self.next()?;
            }
            self.calm()?;
            self.report.tried = (VANS as i64 * calm * hours_between_calms) as u64;
            if self.report.tried >= van_hours {
                break;
            }
        }
        let saves = self.tablets.iter().map(|tablet| tablet.saves).sum();
        self.report.count("saves acknowledged", saves);
        for tablet in &self.tablets {
            self.report.trace.follow(tablet.trace());
        }
        self.report.trace.follow(self.office.trace());
        self.report.count("requests", self.sent.len() as u64);
        self.report.count("office power cuts", self.office.cuts);
        self.report.count("pages that led to another", self.office.pages_followed);
        let rebuilt = self.tablets.iter().map(|tablet| tablet.rebuilt).sum();
        self.report.count("edits of what was forgotten", rebuilt);
        Ok(self.report)
    }

    /// The line is good, nobody works: all must come together, and then everything is judged.
    fn calm(&mut self) -> Outcome<()> {
        self.is_calm = true;
        self.office.set_clock_right();
        let time = self.time();
        self.office.restart(time, &mut self.seeded)?;
        let until = self.now_ms + CALM_MS_MAX;
        for _ in 0..3 {
            for device in 0..self.tablets.len() {
                self.tablets[device].settled = false;
                self.wake_after(device, 1);
            }
            while !self.tablets.iter().all(|tablet| tablet.settled) {
                if self.now_ms > until {
                    return Err("the world does not settle".into());
                }
                self.next()?;
            }
            self.runtime.block_on(self.office.fold(self.time(), &mut self.seeded))?;
        }
        self.tamper()?;
        let (office, time) = (&self.office, self.time());
        let judged = judge::judge(office, &mut self.tablets, time, self.replanned_ms);
        match self.runtime.block_on(judged) {
            Ok(beside) => self.report.count("values side by side", beside),
            Err(trouble) => {
                let hours = (self.now_ms - NOON.milliseconds()) / HOUR_MS;
                return Err(format!("after {hours} hours: {trouble}").into());
            }
        }
        self.report.count("calms", 1);
        self.is_calm = false;
        Ok(())
    }
}
