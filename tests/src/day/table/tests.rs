//! The table's columns.

use super::laid_out;

#[test]
fn every_line_of_the_table_ends_at_the_same_place() {
    let row = |what: &str, found: &str| (what.to_owned(), found.to_owned());
    let rows = [
        row("✓ one person's choice settled it on both vans and on the server", "Smokes every day"),
        row(
            "VAN-01: asks under the release that was published",
            "caravan-core 2026.11.1 + gulf-sample 1.0.0",
        ),
        row("Núñez", "2"),
    ];
    let table = laid_out("What was verified", "found", &rows);
    let widths: Vec<usize> = table.lines().map(|line| line.chars().count()).collect();
    assert_eq!(widths.len(), 5);
    assert!(widths.iter().all(|width| *width == widths[0]), "{table}");
    assert!(table.ends_with("2\n"), "{table}");
}
