//! What happens in the world and when: the plan of what comes next, and what comes of it.

use super::wire::Answer;
use super::{HOUR_MS, OTHER_SITE, Outcome, SITE, VANS, World, van};

/// Numbers are places of tablets, of requests or of vans.
#[derive(Hash)]
pub(super) enum Event {
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

impl World {
    /// The first of everything.
    pub(super) fn begin(&mut self) {
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

    pub(super) fn after(&mut self, delay_ms: i64, event: Event) {
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

    pub(super) fn wake_after(&mut self, device: usize, delay_ms: i64) {
        self.wakes[device] += 1;
        let wake = Event::Wake(device, self.wakes[device]);
        self.after(delay_ms, wake);
    }

    pub(super) fn next(&mut self) -> Outcome<()> {
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
            Event::Step | Event::Fold | Event::Doom | Event::Restart | Event::Replan => {
                self.happen_at_office(event)?;
            }
        }
        Ok(())
    }

    fn happen_at_office(&mut self, event: Event) -> Outcome<()> {
        let time = self.time();
        match event {
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
            _ => {}
        }
        Ok(())
    }
}
