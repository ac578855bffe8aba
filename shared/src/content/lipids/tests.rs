//! Lipids at every boundary of their published classes, and the estimate of LDL with its limit.

use super::{ldl_estimate, non_hdl};
use crate::content::Quantity;
use crate::content::measurements::{band_of, find};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// Source: Friedewald, Levy, Fredrickson 1972.
#[test]
fn ldl_is_total_less_hdl_less_a_fifth_of_triglycerides() {
    for (total, hdl, triglycerides, ldl) in [
        ("200", "50", "150", Some("120")),
        ("200", "50", "152.5", Some("120")),
        ("200", "50", "153", Some("119")),
        ("250.5", "40.5", "399", Some("130")),
        ("250", "40", "400", None),
        ("60", "50", "100", None),
        ("200", "50", "-1", None),
    ] {
        let computed = ldl_estimate(quantity(total), quantity(hdl), quantity(triglycerides));
        assert_eq!(computed.map(|value| value.to_string()).as_deref(), ldl, "{total} {hdl} {triglycerides}");
    }
}

#[test]
fn non_hdl_is_total_less_hdl() {
    assert_eq!(non_hdl(quantity("200"), quantity("49.5")).unwrap().to_string(), "151");
    assert_eq!(non_hdl(quantity("50"), quantity("50")), None);
}

/// Source: NCEP Adult Treatment Panel III (NHLBI, 2001), at-a-glance quick desk reference.
#[test]
fn classes_change_exactly_at_the_published_boundaries() {
    for (key, value, name) in [
        ("chol_total", "199", "desirable"),
        ("chol_total", "200", "borderline high"),
        ("chol_total", "239", "borderline high"),
        ("chol_total", "240", "high"),
        ("chol_hdl", "39", "low"),
        ("chol_hdl", "40", "acceptable"),
        ("chol_hdl", "59", "acceptable"),
        ("chol_hdl", "60", "high, protective"),
        ("triglycerides", "149", "normal"),
        ("triglycerides", "150", "borderline high"),
        ("triglycerides", "199", "borderline high"),
        ("triglycerides", "200", "high"),
        ("triglycerides", "499", "high"),
        ("triglycerides", "500", "very high"),
        ("chol_ldl_calc", "99", "optimal"),
        ("chol_ldl_calc", "100", "near optimal"),
        ("chol_ldl_calc", "129", "near optimal"),
        ("chol_ldl_calc", "130", "borderline high"),
        ("chol_ldl_calc", "159", "borderline high"),
        ("chol_ldl_calc", "160", "high"),
        ("chol_ldl_calc", "189", "high"),
        ("chol_ldl_calc", "190", "very high"),
    ] {
        let band = band_of(find(key).unwrap(), quantity(value)).unwrap();
        assert_eq!(band.name.english, name, "{key} {value}");
    }
}
