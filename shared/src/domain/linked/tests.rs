//! Who is one person after which decisions.

use super::*;
use crate::ids::FactId;
use crate::time::Timestamp;

fn entry(byte: u8) -> PersonId {
    PersonId::from_bytes([byte; 16])
}

fn decided(byte: u8, first: u8, other: u8, same: bool, at: i64) -> Fact {
    let decision = SamePerson { other: Some(entry(other)), same: Some(same), decided_by: None };
    let at = Timestamp::from_milliseconds(at);
    decision.fact(FactId::from_bytes([byte; 16]), entry(first).into(), at, None)
}

#[test]
fn the_newest_decision_of_two_entries_counts_whichever_was_named_first() {
    let linked = |facts: &[Fact]| Linked::of(facts).entries(entry(1)).len() == 2;
    let (link, part) = (decided(1, 1, 2, true, 10), decided(2, 2, 1, false, 20));
    assert!(linked(std::slice::from_ref(&link)));
    assert!(!linked(&[link.clone(), part.clone()]), "parted again");
    assert!(!linked(&[part.clone(), link.clone()]), "in whatever order they are read");
    assert!(linked(&[part, link, decided(3, 1, 2, true, 30)]), "and linked once more");
    assert!(!linked(&[decided(1, 1, 2, true, 10), decided(2, 1, 2, false, 10)]), "by id at the same moment");
}

#[test]
fn who_is_linked_over_another_entry_is_one_person_with_both() {
    let facts = [decided(1, 3, 1, true, 1), decided(2, 2, 3, true, 2), decided(4, 8, 9, false, 3)];
    let linked = Linked::of(&facts);
    for number in [1, 2, 3] {
        assert_eq!(linked.entries(entry(number)), [entry(1), entry(2), entry(3)]);
        assert_eq!(linked.head(entry(number)), entry(1));
    }
    assert_eq!((linked.entries(entry(8)), linked.head(entry(9))), (vec![entry(8)], entry(9)));
}
