//! Every boundary of every score, each table under the publication it was taken from.

use super::rules::{Rule, all};
use super::{Need, Score, alerts, needs, score};
use crate::content::questionnaire::{Answer, Answers, Item, Questionnaire, by_id};
use crate::content::{Language, Sex};

const SAFETY: [&str; 4] = ["/95618-5", "/95617-7", "/95616-9", "/95615-1"];
const FOOD: [&str; 2] = ["/88122-7", "/88123-5"];

fn questionnaire(id: &str) -> &'static Questionnaire {
    by_id(id).unwrap()
}

/// The questions that count in an instrument's sum.
fn summed(id: &str) -> Vec<&'static Item> {
    let rule = &all().iter().find(|instrument| instrument.id == id).unwrap().rule;
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

fn scored(id: &str, points: u32, sex: Sex) -> Score {
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

#[test]
fn every_rule_fits_its_questionnaire() {
    for instrument in all() {
        let questionnaire = questionnaire(&instrument.id);
        let has = |link_id: &str| questionnaire.item(link_id).is_some();
        assert!(instrument.result_link_id.iter().all(|link_id| has(link_id)), "{}", instrument.id);
        assert!(instrument.alerts.iter().all(|alert| has(&alert.link_id)));
        assert!(instrument.then.iter().all(|id| by_id(id).is_some()));
        for need in &instrument.needs {
            let item = questionnaire.item(&need.link_id).unwrap();
            assert!(need.positive.iter().all(|code| item.option(code).is_some()), "{}", need.need);
        }
        match &instrument.rule {
            Rule::Sum { minimum, maximum, .. } => {
                let points = |item: &&Item| {
                    item.options.iter().map(|option| option.ordinal.unwrap()).collect::<Vec<_>>()
                };
                let items = summed(&instrument.id);
                assert_eq!(
                    items.iter().map(|item| points(item).into_iter().min().unwrap()).sum::<u32>(),
                    *minimum
                );
                assert_eq!(
                    items.iter().map(|item| points(item).into_iter().max().unwrap()).sum::<u32>(),
                    *maximum
                );
            }
            Rule::Any { items, .. } => {
                for item in items {
                    let question = questionnaire.item(&item.link_id).unwrap();
                    assert!(
                        item.positive
                            .iter()
                            .chain(&item.negative)
                            .all(|code| question.option(code).is_some())
                    );
                }
            }
        }
        let (mut next, bands) = (0, &instrument.bands);
        for band in bands {
            assert_eq!(band.low, next, "{}: bands leave no gap", instrument.id);
            next = band.high + 1;
        }
    }
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
