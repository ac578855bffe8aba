//! Every boundary of every score, each table under the publication it was taken from.

use super::{Instrument, Need, Rule, Score, alerts, needs, parse, score};
use crate::content::questionnaire::{Answer, Answers, Item, Questionnaire, by_id};
use crate::content::{Language, Sex};

const SAFETY: [&str; 4] = ["/95618-5", "/95617-7", "/95616-9", "/95615-1"];
const FOOD: [&str; 2] = ["/88122-7", "/88123-5"];

fn questionnaire(id: &str) -> &'static Questionnaire {
    by_id(id).unwrap()
}

/// The questions that count in an instrument's sum.
fn summed(id: &str) -> Vec<&'static Item> {
    let rule = &questionnaire(id).instrument().unwrap().rule;
    let Rule::Sum { items, .. } = rule else { panic!("{id} is not a sum") };
    items.iter().map(|link_id| questionnaire(id).item(link_id).unwrap()).collect()
}

/// Answers in which each question takes as many of the points that are left as it can.
fn answers_with_points(id: &str, points: u32) -> Answers {
    let mut answers = Answers::new();
    let items = summed(id);
    let lowest = |item: &Item| item.options.iter().filter_map(|option| option.ordinal).min().unwrap();
    let mut left = points;
    for (place, item) in items.iter().enumerate() {
        let reserved: u32 = items[place + 1..].iter().map(|item| lowest(item)).sum();
        let affordable = item.options.iter().filter(|option| option.ordinal.unwrap() + reserved <= left);
        let option = affordable.max_by_key(|option| option.ordinal).unwrap();
        left -= option.ordinal.unwrap();
        answers.record(questionnaire(id), &item.link_id, Answer::code(&option.coding.code)).unwrap();
    }
    assert_eq!(left, 0, "{id} cannot have {points} points");
    answers
}

fn answered(id: &str, given: &[(&str, &str)]) -> Answers {
    let entries = given.iter().map(|(link_id, code)| ((*link_id).to_owned(), Answer::code(*code)));
    Answers::check(questionnaire(id), entries).unwrap()
}

fn scored(id: &str, points: u32, sex: Sex) -> Score<'static> {
    let score = score(questionnaire(id), &answers_with_points(id, points), sex).unwrap();
    assert_eq!(score.value, points, "{id}");
    score
}

/// Source: Kroenke, Spitzer, Williams 2003, Medical Care 41:1284-1292: 3 or more is positive, of 0 to 6.
#[test]
fn phq_2_is_positive_from_three_and_leads_to_phq_9() {
    for (points, positive) in [(0, false), (2, false), (3, true), (6, true)] {
        let score = scored("phq-2", points, Sex::Unknown);
        assert_eq!((score.positive, score.then.is_some()), (positive, positive), "{points}");
        assert_eq!(score.range, 0..=6);
    }
    assert_eq!(scored("phq-2", 3, Sex::Unknown).then, Some("phq-9"));
}

/// Source: Kroenke, Spitzer, Williams 2001, Journal of General Internal Medicine 16:606-613.
#[test]
fn phq_9_bands_change_at_five_ten_fifteen_and_twenty() {
    for (points, band, positive) in [
        (0, "minimal", false),
        (4, "minimal", false),
        (5, "mild", false),
        (9, "mild", false),
        (10, "moderate", true),
        (14, "moderate", true),
        (15, "moderately severe", true),
        (19, "moderately severe", true),
        (20, "severe", true),
        (27, "severe", true),
    ] {
        let score = scored("phq-9", points, Sex::Female);
        assert_eq!((score.band.unwrap().name.english.as_str(), score.positive), (band, positive), "{points}");
        assert!(score.band.unwrap().name.say(Language::Spanish).translated);
    }
}

/// Source: the instrument's ninth item; any answer above "Not at all" is acted on whatever the total is.
#[test]
fn phq_9_item_nine_alerts_from_several_days_even_alone() {
    for (code, alert_count) in [("LA6568-5", 0), ("LA6569-3", 1), ("LA6570-1", 1), ("LA6571-9", 1)] {
        let alone = answered("phq-9", &[("/44260-8", code)]);
        assert_eq!(alerts(questionnaire("phq-9"), &alone).len(), alert_count, "{code}");
        assert_eq!(score(questionnaire("phq-9"), &alone, Sex::Male), None, "one answer is no score");

        let mut rest = answers_with_points("phq-9", 0);
        rest.record(questionnaire("phq-9"), "/44260-8", Answer::code(code)).unwrap();
        let score = score(questionnaire("phq-9"), &rest, Sex::Male).unwrap();
        assert_eq!((score.alerts.len(), score.positive), (alert_count, false), "{code}");
    }
}

/// Source: Spitzer, Kroenke, Williams, Löwe 2006, Archives of Internal Medicine 166:1092-1097.
#[test]
fn gad_7_bands_change_at_five_ten_and_fifteen() {
    for (points, band, positive) in [
        (0, "minimal", false),
        (4, "minimal", false),
        (5, "mild", false),
        (9, "mild", false),
        (10, "moderate", true),
        (14, "moderate", true),
        (15, "severe", true),
        (21, "severe", true),
    ] {
        let score = scored("gad-7", points, Sex::Unknown);
        assert_eq!((score.band.unwrap().name.english.as_str(), score.positive), (band, positive), "{points}");
    }
}

/// Source: Bush and others 1998 (men, 4 or more); Bradley and others 2003 (women, 3 or more).
#[test]
fn audit_c_is_positive_from_four_for_men_and_from_three_for_women() {
    for (points, men, women) in
        [(1, false, false), (2, false, false), (3, false, true), (4, true, true), (12, true, true)]
    {
        assert_eq!(scored("audit-c", points, Sex::Male).positive, men, "{points}");
        assert_eq!(scored("audit-c", points, Sex::Female).positive, women, "{points}");
        assert_eq!(scored("audit-c", points, Sex::Unknown).positive, women, "{points}: the careful cut-off");
    }
}

/// Source: the AUDIT's own skip rule; "Never" at question 1 ends it with 0 points.
#[test]
fn audit_c_never_scores_zero_and_forgets_stale_answers() {
    let never = [("/68518-0", "LA6270-8")];
    let stale = [("/68518-0", "LA6270-8"), ("/68519-8", "LA18932-6"), ("/68520-6", "LA18934-2")];
    for given in [&never[..], &stale[..]] {
        let score = score(questionnaire("audit-c"), &answered("audit-c", given), Sex::Female).unwrap();
        assert_eq!((score.value, score.positive), (0, false));
    }
    let unfinished = answered("audit-c", &[("/68518-0", "LA18929-2")]);
    assert_eq!(
        score(questionnaire("audit-c"), &unfinished, Sex::Female),
        None,
        "4 points so far are no score"
    );
}

/// Source: Hager and others 2010, Pediatrics 126:e26-e32: often or sometimes true at either statement.
#[test]
fn hunger_vital_sign_is_at_risk_from_one_affirmed_statement() {
    const OFTEN: &str = "LA28397-0";
    const SOMETIMES: &str = "LA6729-3";
    const NEVER: &str = "LA28398-8";
    const UNKNOWN: &str = "LA15775-2";
    for (first, second, at_risk) in [
        (Some(OFTEN), Some(NEVER), Some(true)),
        (Some(NEVER), Some(SOMETIMES), Some(true)),
        (Some(OFTEN), Some(OFTEN), Some(true)),
        (Some(SOMETIMES), None, Some(true)),
        (Some(UNKNOWN), Some(SOMETIMES), Some(true)),
        (Some(NEVER), Some(NEVER), Some(false)),
        (Some(NEVER), Some(UNKNOWN), None),
        (Some(NEVER), None, None),
        (None, None, None),
    ] {
        let given =
            FOOD.into_iter().zip([first, second]).filter_map(|(link_id, code)| Some((link_id, code?)));
        let answers = answered("hunger-vital-sign", &given.collect::<Vec<_>>());
        let score = score(questionnaire("hunger-vital-sign"), &answers, Sex::Unknown);
        assert_eq!(score.as_ref().map(|score| score.positive), at_risk, "{first:?} {second:?}");
        let code = at_risk.map(|at_risk| if at_risk { "LA19952-3" } else { "LA19983-8" });
        assert_eq!(score.and_then(|score| score.result_code), code);
        let named = needs(questionnaire("hunger-vital-sign"), &answers);
        assert_eq!(
            named.first().map(|need| need.need),
            at_risk.filter(|risk| *risk).map(|_| "food-insecurity")
        );
    }
}

/// Source: Sherin and others 1998, Family Medicine 30:508-512: above 10 of 4 to 20.
#[test]
fn hits_is_positive_from_eleven_and_needs_all_four_answers() {
    let partner_violence = Need { need: "intimate-partner-violence", link_id: "/95614-4" };
    for (points, positive) in [(4, false), (10, false), (11, true), (20, true)] {
        let score = scored("ahc-hrsn-core", points, Sex::Unknown);
        assert_eq!(
            (score.instrument, score.positive, score.range.clone()),
            ("HITS", positive, 4..=20),
            "{points}"
        );
        let named = needs(questionnaire("ahc-hrsn-core"), &answers_with_points("ahc-hrsn-core", points));
        assert_eq!(named.contains(&partner_violence), positive, "{points}");
    }
    for skipped in SAFETY {
        for answer in [Answer::Declined, Answer::NotAsked] {
            let mut answers = answers_with_points("ahc-hrsn-core", 20);
            answers.record(questionnaire("ahc-hrsn-core"), skipped, answer).unwrap();
            assert_eq!(score(questionnaire("ahc-hrsn-core"), &answers, Sex::Unknown), None, "{skipped}");
        }
    }
}

/// Source: the answers that the SHIN-NY 1115 HRSN guide marks, after the CMS tool.
#[test]
fn ahc_answers_name_their_needs() {
    for (link_id, code, need) in [
        ("/71802-3", "LA31993-1", None),
        ("/71802-3", "LA31994-9", Some("housing-instability")),
        ("/71802-3", "LA31995-6", Some("homelessness")),
        ("/96778-6", "LA28580-1", Some("inadequate-housing")),
        ("/96778-6", "LA9-3", None),
        ("/88122-7", "LA6729-3", Some("food-insecurity")),
        ("/88123-5", "LA28398-8", None),
        ("/93030-5", "LA33-6", Some("transportation-insecurity")),
        ("/96779-4", "LA32002-0", Some("utility-insecurity")),
        ("/96779-4", "LA32-8", None),
    ] {
        let named = needs(questionnaire("ahc-hrsn-core"), &answered("ahc-hrsn-core", &[(link_id, code)]));
        assert_eq!(
            named.iter().map(|need| need.need).collect::<Vec<_>>(),
            need.into_iter().collect::<Vec<_>>()
        );
    }
}

/// Source: the current smokers of the US Core 7 smoking status value set.
#[test]
fn tobacco_is_positive_for_current_smokers_and_unknown_is_no_answer() {
    for (code, positive) in [
        ("449868002", Some(true)),
        ("428041000124106", Some(true)),
        ("8517006", Some(false)),
        ("266919005", Some(false)),
        ("266927001", None),
    ] {
        let answers = answered("tobacco-status", &[("/72166-2", code)]);
        let score = score(questionnaire("tobacco-status"), &answers, Sex::Unknown);
        assert_eq!(score.map(|score| score.positive), positive, "{code}");
    }
}

/// The rules of an instrument after a change of its text.
fn changed(id: &str, from: &str, to: &str) -> Result<(), Vec<String>> {
    let file = include_str!("../../../../content/core/questionnaires/scoring.json");
    let start = file.find(&format!("\"id\": \"{id}\"")).unwrap();
    assert!(file[start..].contains(from), "{from}");
    let (instruments, faults) = parse(&format!("{}{}", &file[..start], file[start..].replacen(from, to, 1)));
    assert!(faults.is_empty(), "{faults:?}");
    let instrument = instruments.into_iter().find(|instrument| instrument.id == id).unwrap();
    instrument.check(questionnaire(id)).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn rules_that_do_not_fit_their_questionnaire_are_refused_with_the_item() {
    for (id, from, to, reason) in [
        (
            "visit-satisfaction",
            "\"divide_by\": 20",
            "\"divide_by\": 0",
            "visit-satisfaction: the score divides by zero",
        ),
        ("phq-2", "\"/44255-8\"", "\"/1-8\"", "phq-2 /1-8: the questionnaire has no such item"),
        ("phq-2", "\"maximum\": 6", "\"maximum\": 7", "phq-2: its items make 0 to 6 points, not 0 to 7"),
        ("phq-2", "[\"/44250-9\", \"/44255-8\"]", "[]", "phq-2: no item counts"),
        (
            "gad-7",
            "\"low\": 5",
            "\"low\": 6",
            "gad-7: band \"mild\" does not begin where the one before it ends",
        ),
        ("gad-7", "\"high\": 21", "\"high\": 20", "gad-7: the last band does not end at the highest score"),
        ("tobacco-status", "449868002", "1", "tobacco-status /72166-2: 1 is not one of its options"),
        (
            "hunger-vital-sign",
            "\"/88122-7\"",
            "\"/9\"",
            "hunger-vital-sign /9: the questionnaire has no such item",
        ),
    ] {
        let faults = changed(id, from, to).unwrap_err();
        assert!(faults.contains(&reason.to_owned()), "{faults:?}");
    }
}

#[test]
fn a_file_of_rules_tells_every_fault() {
    let (instruments, faults) =
        parse("{\"version\": \"1\", \"instruments\": [{\"id\": \"a\"}, {}, {\"id\": \"a\"}]}");
    let items: Vec<&str> = faults.iter().map(|fault| fault.item.as_str()).collect();
    assert_eq!((instruments, items), (Vec::<Instrument>::new(), vec!["a", "instrument 2", "a"]));
    assert_eq!(parse("[]").1.len(), 1);
}

/// Source: our own instrument; a share of the best possible answers, in percent.
#[test]
fn satisfaction_is_a_share_of_the_best_answers_and_never_a_finding() {
    for (codes, percent) in
        [(["4"; 5], 100), (["0"; 5], 0), (["4", "4", "3", "3", "3"], 85), (["1", "0", "0", "0", "0"], 5)]
    {
        let links = ["/respect", "/explained", "/needs", "/wait", "/again"];
        let given: Vec<(&str, &str)> = links.into_iter().zip(codes).collect();
        let score =
            score(questionnaire("visit-satisfaction"), &answered("visit-satisfaction", &given), Sex::Unknown);
        let score = score.unwrap();
        assert_eq!((score.value, score.positive, score.positive_at), (percent, false, None));
    }
    let half = answered("visit-satisfaction", &[("/respect", "4")]);
    assert_eq!(score(questionnaire("visit-satisfaction"), &half, Sex::Unknown), None);
}

/// A hostile file cannot borrow the rules of an instrument by its name.
#[test]
fn a_questionnaire_of_somebody_else_has_no_score() {
    let theirs = include_str!("../../../../content/core/questionnaires/phq-2.json")
        .replace("caravan.invalid", "elsewhere.invalid");
    let theirs = Questionnaire::parse(&theirs).unwrap();
    assert_eq!(score(&theirs, &answers_with_points("phq-2", 6), Sex::Unknown), None);
    let emptied = include_str!("../../../../content/core/questionnaires/phq-2.json")
        .replace("/44250-9", "/1")
        .replace("/44255-8", "/2");
    let emptied = Questionnaire::parse(&emptied).unwrap();
    assert_eq!(score(&emptied, &answers_with_points("phq-2", 6), Sex::Unknown), None);
}
