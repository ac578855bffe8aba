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
        println!("\n{:<58} {:>18}", "What was done", "how much");
        println!("{}", "-".repeat(77));
        for (what, found) in &self.did {
            println!("{what:<58} {found:>18}");
        }
        println!("\n{:<58} {:>18}", "What was verified", "found");
        println!("{}", "-".repeat(77));
        for verdict in &self.verified {
            let mark = if verdict.holds { "✓" } else { "✗" };
            println!("{mark} {:<56} {:>18}", verdict.what, verdict.found);
        }
    }

    /// Whether every check held; says how many did.
    pub fn holds(&self) -> bool {
        let failed = self.verified.iter().filter(|verdict| !verdict.holds).count();
        println!("\n{} checks held, {failed} did not", self.verified.len() - failed);
        failed == 0
    }
}
