//! Vaccines of childhood and of adults, dose by dose. Source: CMS117 (2026): doses on different days, from 42 days, 180 days
//! or the first birthday up to and including the second; ACIP for adults, as the row of the pack says.

use super::*;

/// The parts that are still due.
fn parts(rule: &str, history: &History) -> Vec<String> {
    match judge(find(rule).unwrap(), history, day(TODAY)) {
        Verdict::Due { parts, .. } => parts.into_iter().map(|part| part.name.english).collect(),
        Verdict::Met { .. } => vec![],
        other => panic!("{other:?}"),
    }
}

/// A child who turned two on the first of June 2026.
fn child(doses: &[(&str, &str)]) -> History {
    given(born("2024-06-01"), doses)
}

fn lacks(part: &str, doses: &[(&str, &str)]) -> bool {
    parts("CIS", &child(doses)).contains(&part.to_owned())
}

#[test]
fn a_dose_before_the_first_birthday_or_after_the_second_does_not_count() {
    for (part, service) in
        [("Measles, mumps, rubella", "mmr"), ("Chickenpox", "varicella"), ("Hepatitis A", "hepa")]
    {
        for (on, expected) in [
            ("2025-05-31", true),
            ("2025-06-01", false),
            ("2026-06-01", false),
            ("2026-06-02", true),
            // A month or a year counts when every day in it would.
            ("2025-06", false),
            ("2025-05", true),
            ("2025", true),
            ("2026", true),
        ] {
            assert_eq!(lacks(part, &[(service, on)]), expected, "{service} {on}");
        }
    }
}

#[test]
fn the_first_doses_count_from_the_day_that_the_measure_says() {
    let later = ["2024-10-01", "2024-12-01", "2025-09-01"];
    // 42 days after the first of June is the thirteenth of July.
    for (part, service, count) in [("DTaP", "dtap", 3), ("Polio", "ipv", 2), ("Pneumococcal", "pcv", 3)] {
        let with_first = |first| {
            let rest = later.iter().take(count).map(|on| (service, *on));
            lacks(part, &std::iter::once((service, first)).chain(rest).collect::<Vec<_>>())
        };
        assert!(with_first("2024-07-12"), "{part}");
        assert!(!with_first("2024-07-13"), "{part}");
    }
    // 180 days after is the twenty-eighth of November.
    assert!(lacks("Influenza", &[("influenza", "2024-11-27"), ("influenza", "2025-10-01")]));
    assert!(!lacks("Influenza", &[("influenza", "2024-11-28"), ("influenza", "2026-06-01")]));
    let at_birth = [("hepb", "2024-06-01"), ("hepb", "2024-08-01"), ("hepb", "2025-01-01")];
    assert!(!lacks("Hepatitis B", &at_birth), "the first dose is given at birth");
}

#[test]
fn hib_and_rotavirus_count_by_the_series_that_was_given() {
    let days = ["2024-08-01", "2024-10-01", "2024-12-01", "2025-09-01"];
    let hib = |services: &[&'static str]| {
        let doses: Vec<_> = services.iter().copied().zip(days).collect();
        lacks("Hib", &doses)
    };
    assert!(!hib(&["hib-3-dose"; 3]));
    assert!(hib(&["hib-3-dose"; 2]));
    assert!(hib(&["hib"; 3]), "three doses of a four-dose series");
    assert!(!hib(&["hib"; 4]));
    assert!(hib(&["hib-3-dose", "hib-3-dose", "hib"]), "one of another kind makes it four");
    assert!(!hib(&["hib-3-dose", "hib-3-dose", "hib", "hib"]));
    let rotavirus = |services: &[&'static str]| {
        let doses: Vec<_> = services.iter().copied().zip(days).collect();
        lacks("Rotavirus", &doses)
    };
    assert!(!rotavirus(&["rotavirus-2-dose"; 2]));
    assert!(rotavirus(&["rotavirus"; 2]));
    assert!(rotavirus(&["rotavirus-2-dose", "rotavirus"]));
    assert!(!rotavirus(&["rotavirus"; 3]));
    let one_day = [("hib-3-dose", "2024-08-01"), ("hib-3-dose", "2024-08-01"), ("hib-3-dose", "2024-10-01")];
    assert!(lacks("Hib", &one_day), "two records of one day are one dose");
}

#[test]
fn a_record_of_the_whole_series_stands_for_its_doses() {
    assert_eq!(parts("CIS", &child(&[])).len(), 10);
    assert_eq!(word("CIS", &child(&[("childhood-complete", "2026")])), "met for ever");
}

#[test]
fn a_child_whose_defences_are_weak_is_not_due_for_live_vaccines() {
    table("CIS", &[(with_condition(child(&[]), "immunodeficiency"), "not for: Excluded")]);
}

#[test]
fn adults_are_due_for_each_vaccine_from_its_own_age() {
    let young = born("1990-01-01");
    let immune = |history| given(history, &[("hepb-immune", "2015")]);
    assert_eq!(parts("AIS", &young), ["Influenza, this season", "Tetanus and diphtheria", "Hepatitis B"]);
    let season = |on| immune(given(young.clone(), &[("influenza", on), ("tdap", "2016-11-24")]));
    assert_eq!(word("AIS", &season("2026-07-01")), "met until 2026-11-23");
    assert_eq!(parts("AIS", &season("2026-06-30")), ["Influenza, this season"]);
    let old_booster = immune(given(young.clone(), &[("influenza", "2026-09-01"), ("td", "2016-11-23")]));
    assert_eq!(parts("AIS", &old_booster), ["Tetanus and diphtheria"]);

    let usual = [("influenza", "2026-09-01"), ("td", "2020-01-01"), ("hepb-immune", "2015")];
    let with = |history, doses: &[(&str, &str)]| given(given(history, &usual), doses);
    assert_eq!(parts("AIS", &with(born("1976-11-24"), &[])), Vec::<String>::new(), "49 years");
    let at_fifty = ["Shingles, two doses", "Pneumococcal"];
    assert_eq!(parts("AIS", &with(born("1976-11-23"), &[])), at_fifty, "50 years");
    let pneumococcal = ("pneumococcal-conjugate", "2026-11-23");
    let one = [("zoster", "2026-11-23"), pneumococcal];
    assert_eq!(parts("AIS", &with(born("1976-11-23"), &one)), ["Shingles, two doses"], "one dose is not two");
    let same_day = [("zoster", "2024-01-01"), ("zoster", "2024-01-01"), pneumococcal];
    assert_eq!(parts("AIS", &with(born("1970-01-01"), &same_day)), ["Shingles, two doses"]);
    let both = [("zoster", "2024-01-01"), ("zoster", "2024-04-01"), pneumococcal];
    assert_eq!(word("AIS", &with(born("1970-01-01"), &both)), "met until 2027-06-30");
    let of_no_kind = [("zoster", "2024-01-01"), ("zoster", "2024-04-01"), ("pneumococcal", "2020-01-01")];
    assert_eq!(parts("AIS", &with(born("1970-01-01"), &of_no_kind)), ["Pneumococcal"]);
    let as_a_child =
        [("zoster", "2024-01-01"), ("zoster", "2024-04-01"), ("pneumococcal-conjugate", "1980-01-01")];
    assert_eq!(parts("AIS", &with(born("1970-01-01"), &as_a_child)), ["Pneumococcal"]);
}

#[test]
fn of_a_series_that_was_begun_the_doses_that_count_are_told() {
    let begun = |rule: &str, history: &History| match judge(find(rule).unwrap(), history, day(TODAY)) {
        Verdict::Due { parts, .. } => {
            let doses = |part: MissingPart| Some((part.name.english, part.begun?.given, part.begun?.of));
            parts.into_iter().filter_map(doses).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let adult =
        |doses: &[(&str, &str)]| given(given(born("1970-01-01"), &[("influenza", "2026-09-01")]), doses);
    let one = [("zoster", "2024-01-01"), ("hepb", "2024-02-01"), ("hepb", "2024-03-01")];
    let series = [("Shingles, two doses", 1, 2), ("Hepatitis B", 2, 3)];
    assert_eq!(begun("AIS", &adult(&one)), series.map(|(part, given, of)| (part.to_owned(), given, of)));
    assert_eq!(word("AIS", &adult(&one)), "due: Begun", "nothing ran out");
    let two_dose = [("hepb-2-dose", "2024-02-01")];
    assert_eq!(begun("AIS", &adult(&two_dose)), [("Hepatitis B".to_owned(), 1, 2)], "the shorter series");
    for order in [["hepb", "hepb-2-dose"], ["hepb-2-dose", "hepb"]] {
        let mixed = [(order[0], "2024-02-01"), (order[1], "2024-03-01")];
        assert_eq!(begun("AIS", &adult(&mixed)), [("Hepatitis B".to_owned(), 2, 3)], "{order:?}");
    }
    assert_eq!(word("AIS", &adult(&[("td", "2016-01-01")])), "due: TooLongAgo");
    let both = adult(&[("td", "2016-01-01"), ("zoster", "2024-01-01")]);
    let Verdict::Due { since, why, newest, .. } = judge(find("AIS").unwrap(), &both, day(TODAY)) else {
        panic!("the booster ran out")
    };
    assert_eq!((since, why), (day("2026-01-01"), Why::TooLongAgo), "what ran out made it due anew");
    assert_eq!(newest.unwrap().what, "td");
    let too_soon = adult(&[("td", "2016-01-01"), ("zoster", "2015-01-01")]);
    assert_eq!(begun("AIS", &too_soon), [], "a dose before fifty does not count");
    assert_eq!(begun("CIS", &child(&[("dtap", "2024-08-01")])), [("DTaP".to_owned(), 1, 4)]);
}

#[test]
fn hepatitis_b_is_for_19_to_59_by_three_doses_or_two_of_the_two_dose_vaccine() {
    let usual = |born_on: &str| {
        let doses = [
            ("influenza", "2026-09-01"),
            ("td", "2020-01-01"),
            ("zoster", "2024-01-01"),
            ("zoster", "2024-04-01"),
            ("pneumococcal-conjugate", "2025-01-01"),
        ];
        given(born(born_on), &doses)
    };
    let lacks = |history: &History| parts("AIS", history) == ["Hepatitis B"];
    assert!(lacks(&usual("1966-11-24")), "59 years");
    assert!(!lacks(&usual("1966-11-23")), "60 years");
    let doses = |services: &[&'static str]| {
        let days = ["2010-01-01", "2010-02-01", "2010-07-01"];
        let doses: Vec<_> = services.iter().copied().zip(days).collect();
        lacks(&given(usual("1990-01-01"), &doses))
    };
    assert!(doses(&["hepb"; 2]));
    assert!(!doses(&["hepb"; 3]));
    assert!(!doses(&["hepb-2-dose"; 2]));
    assert!(doses(&["hepb", "hepb-2-dose"]));
    assert!(!doses(&["hepb", "hepb-2-dose", "hepb-2-dose"]));
    assert!(!doses(&["hepb-complete"]) && !doses(&["hepb-immune"]));
}
