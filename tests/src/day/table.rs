//! The day's progress and its closing table. Judges nothing: it is told what was found and whether it holds.

/// What was checked, and whether it held.
struct Verdict {
    what: String,
    found: String,
    holds: bool,
}

/// Everything that was done and verified, told as it happens.
#[derive(Default)]
pub struct Table {
    did: Vec<(String, String)>,
    verified: Vec<Verdict>,
}

impl Table {
    pub fn did(&mut self, what: &str, found: impl ToString) {
        let found = found.to_string();
        println!("  {what}: {found}");
        self.did.push((what.to_owned(), found));
    }
    pub fn verify(&mut self, what: &str, holds: bool, found: impl ToString) {
        let found = found.to_string();
        println!("  {} {what}: {found}", if holds { "✓" } else { "✗" });
        self.verified.push(Verdict { what: what.to_owned(), found, holds });
    }
    pub fn print(&self) {
        let verified: Vec<(String, String)> = self
            .verified
            .iter()
            .map(|Verdict { what, found, holds }| {
                (format!("{} {what}", if *holds { "✓" } else { "✗" }), found.clone())
            })
            .collect();
        print!("\n{}", laid_out("What was done", "how much", &self.did));
        print!("\n{}", laid_out("What was verified", "found", &verified));
    }

    /// Whether every check held; says how many did.
    pub fn holds(&self) -> bool {
        let failed = self.verified.iter().filter(|verdict| !verdict.holds).count();
        println!("\n{} checks held, {failed} did not", self.verified.len() - failed);
        failed == 0
    }
}

/// Two columns under their names, each as wide as its longest cell.
fn laid_out(name: &str, name_found: &str, rows: &[(String, String)]) -> String {
    let wide =
        |cells: &mut dyn Iterator<Item = &str>| cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
    let what = wide(&mut rows.iter().map(|row| row.0.as_str()).chain([name]));
    let found = wide(&mut rows.iter().map(|row| row.1.as_str()).chain([name_found]));
    let line = |left: &str, right: &str| format!("{left:<what$}  {right:>found$}\n");
    let mut table = line(name, name_found);
    table.push_str(&format!("{}\n", "-".repeat(what + 2 + found)));
    rows.iter().for_each(|(left, right)| table.push_str(&line(left, right)));
    table
}

#[cfg(test)]
mod tests;
