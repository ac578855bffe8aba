//! The line between the tablets and the office: what is sent, what becomes of it under way, and what is heard of it.

use super::events::Event;
use super::wire::{Fate, Letter, PATIENCE_MS};
use super::{DEVICES_A_VAN, Outcome, World};

/// A request under way and what is to become of it.
pub(super) struct Sent {
    pub tablet: usize,
    pub letter: Letter,
    fate: Fate,
    arrivals: u64,
}

impl World {
    /// Brings a device's sync as far as it goes and sends what it says.
    pub(super) fn pump(&mut self, device: usize) -> Outcome<()> {
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
    pub(super) fn relay(&mut self, van: usize) -> Outcome<()> {
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

    pub(super) fn arrive(&mut self, place: usize) -> Outcome<()> {
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
}
