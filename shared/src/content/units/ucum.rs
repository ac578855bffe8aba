//! Whether a unit is written as UCUM writes it, for the units that are measured of people. Case counts: `mL` is a
//! millilitre, `ML` is none. Never a conversion.

/// Atoms that take a metric prefix.
const METRIC: [&str; 22] = [
    "m", "g", "s", "L", "l", "K", "Cel", "mol", "m[Hg]", "Hz", "B", "J", "W", "Pa", "N", "V", "A", "gf",
    "eq", "osm", "U", "cal",
];
const PLAIN: [&str; 20] = [
    "%", "min", "h", "d", "wk", "mo", "a", "[degF]", "[lb_av]", "[oz_av]", "[in_i]", "[ft_i]", "[IU]",
    "[iU]", "[pH]", "deg", "[diop]", "10*3", "10*6", "10*9",
];
const PREFIXES: [&str; 10] = ["da", "n", "u", "m", "c", "d", "h", "k", "M", "G"];

/// Whether a code reads as UCUM: terms of atoms with prefix, exponent and annotation, multiplied or divided.
pub fn is_ucum(code: &str) -> bool {
    let terms = code.strip_prefix('/').unwrap_or(code);
    !terms.is_empty() && terms.split(['.', '/']).all(is_term)
}

fn is_term(term: &str) -> bool {
    let (atom, annotation) = term.find('{').map_or((term, ""), |at| term.split_at(at));
    let is_annotated = annotation.is_empty()
        || annotation
            .strip_suffix('}')
            .is_some_and(|inner| inner.len() > 1 && !inner[1..].contains(['{', '}']));
    is_annotated && (is_atom(atom) || (atom.is_empty() && !annotation.is_empty()))
}

fn is_atom(text: &str) -> bool {
    let is_known = |text: &str| {
        let prefixed = |prefix: &&str| text.strip_prefix(*prefix).is_some_and(|rest| METRIC.contains(&rest));
        METRIC.contains(&text) || PLAIN.contains(&text) || PREFIXES.iter().any(prefixed)
    };
    let base = text.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let base = base.strip_suffix(['-', '+']).unwrap_or(base);
    is_known(text) || (base.len() < text.len() && is_known(base))
}

#[cfg(test)]
mod tests {
    use super::is_ucum;

    #[test]
    fn what_ucum_writes_is_told_from_what_people_write() {
        for unit in
            ["mm[Hg]", "/min", "Cel", "%", "kg", "cm", "kg/m2", "mg/dL", "mmol/L", "dB", "L/min", "{score}"]
        {
            assert!(is_ucum(unit), "{unit}");
        }
        for unit in
            ["mmHg", "bpm", "°C", "lbs", "mg / dL", "", "/", "L/", "l/Min", "kg{", "kg}", "m-2-", "litres"]
        {
            assert!(!is_ucum(unit), "{unit}");
        }
    }
}
