//! What people type where anything may be typed.

use super::mutate::run;
use shared::content::Quantity;
use shared::project::Query;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn quantities() {
    let seeds = ["120", "37,5", "-0.001", "+98.6"].map(|seed| seed.as_bytes().to_vec()).to_vec();
    run("quantity", seeds, |bytes| {
        let Ok(quantity) = Quantity::parse(&text(bytes)) else { return };
        assert_eq!(quantity.to_string().parse(), Ok(quantity));
    });
}

#[test]
fn searches() {
    let seeds = ["alvarez ana 4/23/1975", "555-010-2000", "Núñez-Sample"];
    run("search", seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), |bytes| {
        let query = Query::parse(&text(bytes));
        assert_eq!(query.words.len(), query.sounds.len());
        assert_eq!(Query::parse(&text(bytes)), query);
    });
}
