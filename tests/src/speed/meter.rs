//! Percentiles and the rows of the table.

/// One line of the table.
pub struct Row {
    pub what: String,
    pub ours: String,
    pub floor: String,
    /// Ours against the floor, or ours itself where the aim is absolute.
    pub figure: f64,
    /// The figure should not be over this.
    pub aim: f64,
}

impl Row {
    /// Ours against a floor, both in milliseconds.
    pub fn ratio(what: &str, ours_ms: f64, floor_ms: f64, aim: f64) -> Row {
        Row {
            what: what.into(),
            ours: format!("{ours_ms:.3} ms"),
            floor: format!("{floor_ms:.3} ms"),
            figure: ours_ms / floor_ms,
            aim,
        }
    }

    /// A figure with an aim of its own.
    pub fn absolute(what: &str, figure: f64, unit: &str, aim: f64) -> Row {
        Row { what: what.into(), ours: format!("{figure:.3} {unit}"), floor: String::new(), figure, aim }
    }

    pub fn print(&self) {
        let mark = if self.figure <= self.aim { "✓" } else { "✗" };
        println!(
            "{mark} {:<52} {:>14} {:>14} {:>9.2} {:>9.2}",
            self.what, self.ours, self.floor, self.figure, self.aim
        );
    }

    pub fn print_head() {
        println!("  {:<52} {:>14} {:>14} {:>9} {:>9}", "what", "ours", "floor", "figure", "aim");
        println!("{}", "-".repeat(103));
    }
}

/// The value below which `share` of the values lie.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}
