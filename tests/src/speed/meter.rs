//! Percentiles, medians and the rows of the table.

use std::time::Instant;

/// One line of the table.
pub struct Row {
    pub what: String,
    /// How many samples or runs the figure stands on.
    pub times: usize,
    pub ours: String,
    pub floor: String,
    /// Ours against the floor, or ours itself where the aim is absolute.
    pub figure: f64,
    /// The figure should not be over this. A line without an aim explains the one above it.
    pub aim: Option<f64>,
}

impl Row {
    /// Ours against a floor, both in milliseconds.
    pub fn ratio(what: &str, times: usize, ours_ms: f64, floor_ms: f64, aim: f64) -> Row {
        Row { aim: Some(aim), ..Row::part(what, times, ours_ms, floor_ms) }
    }

    /// Ours against a higher floor that shows where the time goes, both in milliseconds.
    pub fn part(what: &str, times: usize, ours_ms: f64, floor_ms: f64) -> Row {
        Row {
            what: what.into(),
            times,
            ours: format!("{ours_ms:.3} ms"),
            floor: format!("{floor_ms:.3} ms"),
            figure: ours_ms / floor_ms,
            aim: None,
        }
    }

    /// A figure with an aim of its own.
    pub fn absolute(what: &str, times: usize, figure: f64, unit: &str, aim: f64) -> Row {
        let ours = format!("{figure:.3} {unit}");
        Row { what: what.into(), times, ours, floor: String::new(), figure, aim: Some(aim) }
    }

    pub fn print(&self) {
        let mark = match self.aim {
            Some(aim) if self.figure <= aim => "✓",
            Some(_) => "✗",
            None => " ",
        };
        let aim = self.aim.map_or_else(String::new, |aim| format!("{aim:.2}"));
        let Row { what, times, ours, floor, figure, .. } = self;
        println!("{mark} {what:<62} {times:>7} {ours:>14} {floor:>14} {figure:>9.2} {aim:>9}");
    }

    pub fn print_head() {
        println!(
            "  {:<62} {:>7} {:>14} {:>14} {:>9} {:>9}",
            "what", "times", "ours", "floor", "figure", "aim"
        );
        println!("{}", "-".repeat(122));
    }
}

/// The value below which `share` of the values lie.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// The middle one of a few runs.
pub fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

pub fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
