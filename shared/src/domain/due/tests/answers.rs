//! Which answers close a gap: an instrument counts when its published score exists, a part of the social needs when
//! its own questions are answered. Half an instrument and "unknown" close nothing.

use super::*;

const DECLINED: AnswerValue = AnswerValue::Declined;

fn after(rule: &str, form: &str, answers: &[(&str, AnswerValue)]) -> String {
    word(rule, &responded(born("1980-01-01"), form, answers, TODAY))
}

#[test]
fn half_an_instrument_closes_nothing() {
    let never = code("LA6568-5");
    for (answers, expected) in [
        (vec![("/44250-9", never.clone())], "due: Never"),
        (vec![("/44250-9", never.clone()), ("/44255-8", DECLINED)], "due: Never"),
        (vec![("/44250-9", never.clone()), ("/44255-8", AnswerValue::NotAsked)], "due: Never"),
        (vec![("/44250-9", never.clone()), ("/44255-8", never.clone())], "met until 2026-12-31"),
    ] {
        assert_eq!(after("DSF", "phq-2", &answers), expected, "{answers:?}");
    }
    let anxious = ["/69725-0", "/68509-9", "/69733-4", "/69734-2", "/69735-9", "/69689-8", "/69736-7"];
    let all: Vec<(&str, AnswerValue)> = anxious.iter().map(|item| (*item, never.clone())).collect();
    assert_eq!(after("ANX", "gad-7", &all[..6]), "due: Never");
    assert_eq!(after("ANX", "gad-7", &all), "met until 2027-11-22");
    // Whoever never drinks is not asked the other two questions: that is the whole instrument.
    assert_eq!(after("ALC", "audit-c", &[("/68518-0", code("LA6270-8"))]), "met until 2027-11-22");
    assert_eq!(after("ALC", "audit-c", &[("/68518-0", code("LA18926-8"))]), "due: Never");
}

#[test]
fn an_unknown_smoking_status_leaves_tobacco_due() {
    for (status, expected) in [
        ("266927001", "due: Never"),
        ("266919005", "met until 2027-11-22"),
        ("8517006", "met until 2027-11-22"),
        ("449868002", "met until 2027-11-22"),
    ] {
        assert_eq!(after("TOB", "tobacco-status", &[("/72166-2", code(status))]), expected, "{status}");
    }
    assert_eq!(after("TOB", "tobacco-status", &[("/72166-2", DECLINED)]), "due: Never");
}

/// The parts that are still due.
fn parts(history: &History) -> Vec<String> {
    match judge(find("SNS-E").unwrap(), history, day(TODAY)) {
        Verdict::Due { parts, .. } => parts.into_iter().map(|part| part.name.english).collect(),
        Verdict::Met { .. } => vec![],
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_part_of_the_social_needs_is_closed_by_its_own_questions() {
    let adult = || born("1980-01-01");
    let ahc = |answers: &[(&str, AnswerValue)]| responded(adult(), "ahc-hrsn-core", answers, TODAY);
    let all = ["Food", "Housing", "Transportation"];
    assert_eq!(parts(&adult()), all);
    assert_eq!(parts(&ahc(&[("/96779-4", code("LA32-8"))])), all, "the utilities are none of the parts");
    let fed = [("/88122-7", code("LA28398-8")), ("/88123-5", code("LA28398-8"))];
    assert_eq!(parts(&ahc(&fed[..1])), all, "one of two answers");
    assert_eq!(parts(&ahc(&fed)), ["Housing", "Transportation"]);
    let hungry = [("/88122-7", code("LA28397-0")), ("/88123-5", DECLINED)];
    assert_eq!(parts(&ahc(&hungry)), ["Housing", "Transportation"], "a need that was named is found");
    let housed = [("/71802-3", code("LA31993-1")), ("/96778-6", code("LA9-3"))];
    assert_eq!(parts(&ahc(&housed[..1])), all);
    assert_eq!(parts(&ahc(&housed)), ["Food", "Transportation"]);
    assert_eq!(parts(&ahc(&[("/93030-5", code("LA32-8"))])), ["Food", "Housing"]);
}

#[test]
fn nobody_knows_is_no_answer_about_food() {
    let hunger = |first, second| {
        let answers = [("/88122-7", code(first)), ("/88123-5", code(second))];
        parts(&responded(born("1980-01-01"), "hunger-vital-sign", &answers, TODAY))
    };
    let (often, never, unknown) = ("LA28397-0", "LA28398-8", "LA15775-2");
    assert!(hunger(unknown, unknown).contains(&"Food".to_owned()));
    assert!(hunger(never, unknown).contains(&"Food".to_owned()));
    assert!(!hunger(never, never).contains(&"Food".to_owned()));
    assert!(!hunger(unknown, often).contains(&"Food".to_owned()), "one that is affirmed is a risk");
}

#[test]
fn violence_at_home_is_no_social_need_of_the_measure() {
    let safe = |often: &str| {
        let mut answers = vec![
            ("/71802-3", code("LA31993-1")),
            ("/96778-6", code("LA9-3")),
            ("/88122-7", code("LA28398-8")),
            ("/88123-5", code("LA28398-8")),
            ("/93030-5", code("LA32-8")),
        ];
        answers.extend(["/95618-5", "/95617-7", "/95616-9", "/95615-1"].map(|item| (item, code(often))));
        responded(born("1980-01-01"), "ahc-hrsn-core", &answers, TODAY)
    };
    for often in ["LA6270-8", "LA6482-9"] {
        let verdict = judge(find("SNS-E").unwrap(), &safe(often), day(TODAY));
        assert!(matches!(verdict, Verdict::Met { follow_up_by: None, .. }), "{verdict:?}");
    }
}
