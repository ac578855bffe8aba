//! A simulated world: vans with their devices, an office, a bad line between them, and time that runs as fast as the
//! machine. Everything but time, line and people is the product's own. The same seed gives the same days.

mod judge;
mod office;
mod pace;
mod plant;
mod relay;
mod replica;
mod tablet;
mod wire;

pub use plant::{ALTERED, ALTERED_AT_OFFICE, KEPT, LYING, UNFOUND};

use super::disk::{NOON, SITE};
use super::{Case, Report, Storm};
use crate::plain::FIRST_DEVICE;
use crate::sample::Seeded;
use office::Office;
use pace::Pace;
use plant::Plant;
use relay::Relay;
use replica::CALM_MS_MAX;
use shared::ids::{SiteId, VanId};
use shared::time::Timestamp;
use std::collections::BTreeMap;
use tablet::Tablet;
use tokio::runtime::Runtime;
use wire::{Answer, Fate, Letter, PATIENCE_MS};

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

#[derive(Hash)]
enum Event {
    Work(usize),
    /// Only the last one that was planned for a device counts.
    Wake(usize, u64),
    Arrive(usize),
    Answer(usize, Answer),
    GiveUp(usize),
    Cut(usize),
    Link(usize),
    Jump(usize),
    /// A van's relay comes by the office.
    Relay(usize),
    /// The office's clock.
    Step,
    Fold,
    Doom,
    Restart,
    Replan,
}

impl Event {
    /// What does not happen while the world is calm.
    fn is_trouble(&self) -> bool {
        matches!(
            self,
            Event::Work(_)
                | Event::Cut(_)
                | Event::Link(_)
                | Event::Jump(_)
                | Event::Step
                | Event::Doom
                | Event::Replan
        )
    }
}

/// A request under way and what is to become of it.
struct Sent {
    tablet: usize,
    letter: Letter,
    fate: Fate,
    arrivals: u64,
}

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

    fn begin(&mut self) {
        for device in 0..self.tablets.len() {
            for event in [Event::Work(device), Event::Cut(device), Event::Link(device), Event::Jump(device)] {
                self.later(2 * HOUR_MS, event);
            }
            self.wake_after(device, 1000);
        }
        for van in 0..VANS {
            self.seldom(3 * HOUR_MS, Event::Relay(van));
        }
        self.later(60_000, Event::Fold);
        self.later(6 * HOUR_MS, Event::Doom);
        self.later(6 * HOUR_MS, Event::Step);
        self.after(self.pace.hours_between_calms * HOUR_MS * self.pace.calms / 2 + HOUR_MS, Event::Replan);
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.now_ms)
    }

    fn after(&mut self, delay_ms: i64, event: Event) {
        self.planned += 1;
        self.events.insert((self.now_ms + delay_ms.max(0), self.planned), event);
    }

    /// At some moment within a time.
    fn later(&mut self, within_ms: i64, event: Event) {
        let delay_ms = self.seeded.below(within_ms as u64) as i64;
        self.after(delay_ms, event);
    }

    /// The same, on a day that is as busy as this world's are.
    fn seldom(&mut self, within_ms: i64, event: Event) {
        self.later(within_ms * self.pace.slowness, event);
    }

    fn wake_after(&mut self, device: usize, delay_ms: i64) {
        self.wakes[device] += 1;
        let wake = Event::Wake(device, self.wakes[device]);
        self.after(delay_ms, wake);
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

    fn next(&mut self) -> Outcome<()> {
        let ((at, _), event) = self.events.pop_first().ok_or("nothing is planned any more")?;
        self.now_ms = self.now_ms.max(at);
        self.report.note((self.now_ms, &event));
        if self.is_calm && event.is_trouble() {
            self.after(HOUR_MS, event);
            return Ok(());
        }
        self.happen(event)?;
        if self.office.is_dead() && !self.restart_is_planned {
            self.restart_is_planned = true;
            let within_ms = if self.is_calm { 1000 } else { HOUR_MS };
            self.later(within_ms, Event::Restart);
        }
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Outcome<()> {
        let time = self.time();
        match event {
            Event::Work(device) => {
                self.tablets[device].work(time, &mut self.seeded)?;
                self.seldom(HOUR_MS / 2, Event::Work(device));
                if self.seeded.below(3) == 0 {
                    self.wake_after(device, 500);
                }
            }
            Event::Wake(device, wake) if wake == self.wakes[device] => {
                self.tablets[device].wake()?;
                self.pump(device)?;
            }
            Event::Wake(..) => {}
            Event::Arrive(sent) => self.arrive(sent)?,
            Event::Answer(sent, answer) => {
                self.sent[sent].letter.answer(answer);
                self.pump(self.sent[sent].tablet)?;
            }
            Event::GiveUp(sent) => {
                self.sent[sent].letter.answer(None);
                self.pump(self.sent[sent].tablet)?;
            }
            Event::Cut(device) => {
                self.tablets[device].cut(&mut self.seeded)?;
                self.report.count("device power cuts", 1);
                self.wake_after(device, 2000);
                self.seldom(8 * HOUR_MS, Event::Cut(device));
            }
            Event::Link(device) => {
                let tablet = &mut self.tablets[device];
                tablet.is_linked = !tablet.is_linked;
                self.later(self.pace.link_hours * HOUR_MS, Event::Link(device));
            }
            Event::Jump(device) => {
                self.tablets[device].jump(&mut self.seeded);
                self.seldom(6 * HOUR_MS, Event::Jump(device));
            }
            Event::Relay(van) => {
                self.relay(van)?;
                self.seldom(3 * HOUR_MS, Event::Relay(van));
            }
            Event::Step => {
                self.office.step_clock(&mut self.seeded);
                self.report.count("office clock steps", 1);
                self.seldom(10 * HOUR_MS, Event::Step);
            }
            Event::Fold => {
                if !self.office.is_dead() {
                    self.runtime.block_on(self.office.fold(time, &mut self.seeded))?;
                }
                match self.is_calm {
                    true => self.later(1000, Event::Fold),
                    false => self.seldom(20_000, Event::Fold),
                }
            }
            Event::Doom => {
                if !self.office.is_dead() {
                    self.office.doom(&mut self.seeded);
                }
                self.seldom(8 * HOUR_MS, Event::Doom);
            }
            Event::Restart => {
                self.office.restart(time, &mut self.seeded)?;
                self.restart_is_planned = false;
            }
            Event::Replan => {
                self.tamper_before_replanning()?;
                // Where the power goes, the plan may be in force all the same. It is made again later.
                self.replanned_ms = self.replanned_ms.min(self.now_ms);
                if self.runtime.block_on(self.office.replan(van(1), SITE, OTHER_SITE)).is_err() {
                    self.later(HOUR_MS, Event::Replan);
                }
            }
        }
        Ok(())
    }

    /// Brings a device's sync as far as it goes and sends what it says.
    fn pump(&mut self, device: usize) -> Outcome<()> {
        loop {
            let time = self.time();
            let pause = self.tablets[device].poll(time, &self.threads)?;
            let letters = self.tablets[device].line.take();
            let is_linked = self.tablets[device].is_linked || self.is_calm;
            if let Some(pause_ms) = pause.map(|pause_ms| pause_ms * self.slowness()) {
                let jitter_ms = self.seeded.below(pause_ms / 2 + 1) as i64;
                self.wake_after(device, pause_ms as i64 / 2 + jitter_ms);
            }
            if letters.is_empty() {
                return Ok(());
            }
            for letter in letters {
                if letter.is_push() {
                    self.relays[device / DEVICES_A_VAN].keep(&letter.body);
                }
                if is_linked { self.send(device, letter) } else { letter.answer(None) }
            }
        }
    }

    /// Whoever waits waits longer where days are slow; in a calm nobody does.
    fn slowness(&self) -> u64 {
        if self.is_calm { 1 } else { self.pace.slowness as u64 }
    }

    /// What a relay has kept comes to the office, whatever the state of the line.
    fn relay(&mut self, van: usize) -> Outcome<()> {
        let time = self.time();
        for batch in self.relays[van].deliver(&mut self.seeded) {
            if self.office.is_dead() {
                break;
            }
            let took = self.runtime.block_on(self.office.take_in(&batch, time, &mut self.seeded))?;
            self.report.count(if took { "batches by relay" } else { "batches by relay, too early" }, 1);
        }
        Ok(())
    }

    fn send(&mut self, device: usize, letter: Letter) {
        let fate = match self.is_calm {
            true => Fate::calm(&mut self.seeded),
            false => Fate::stormy(&mut self.seeded, letter.body.len()),
        };
        let sent = self.sent.len();
        for delay_ms in fate.arrives_ms.clone() {
            self.after(delay_ms, Event::Arrive(sent));
        }
        self.after(PATIENCE_MS, Event::GiveUp(sent));
        self.sent.push(Sent { tablet: device, letter, fate, arrivals: 0 });
    }

    fn arrive(&mut self, place: usize) -> Outcome<()> {
        let time = self.time();
        let sent = &mut self.sent[place];
        sent.arrivals += 1;
        if self.office.is_dead() {
            return Ok(());
        }
        let number = self.tablets[sent.tablet].number;
        let heard = self.office.hear(number, &sent.letter, sent.fate.request_bytes, time, &mut self.seeded);
        let mut answer = self.runtime.block_on(heard)?;
        if let (Some((_, body)), Some(bytes)) = (&mut answer, sent.fate.answer_bytes) {
            body.truncate(bytes);
        }
        if sent.arrivals == 1 && !sent.fate.loses_answer {
            let delay_ms = sent.fate.answer_ms;
            self.after(delay_ms, Event::Answer(place, answer));
        } else {
            self.report.count("repeated or unheard", 1);
        }
        Ok(())
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
