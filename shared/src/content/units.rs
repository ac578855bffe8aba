//! The same measured value in the unit that people say: °F beside °C, pounds beside kilograms, inches beside
//! centimetres. Never rounds on the way in, and never changes what is stored, which is the catalog's unit.

mod ucum;

use super::quantity::Quantity;

pub use ucum::is_ucum;

/// One exact linear rule: `(value + before) * numerator / denominator + after`.
struct Conversion {
    from: &'static str,
    to: &'static str,
    before: i128,
    numerator: i128,
    denominator: i128,
    after: i128,
}

const fn scaled(from: &'static str, to: &'static str, numerator: i128, denominator: i128) -> Conversion {
    Conversion { from, to, before: 0, numerator, denominator, after: 0 }
}

/// UCUM codes at both ends. The pound and the inch are exact by the international agreement of 1959; the
/// factor of glucose, 18.0156, is its molar mass in g/mol divided by ten.
const CONVERSIONS: [Conversion; 8] = [
    Conversion { from: "Cel", to: "[degF]", before: 0, numerator: 9, denominator: 5, after: 32 },
    Conversion { from: "[degF]", to: "Cel", before: -32, numerator: 5, denominator: 9, after: 0 },
    scaled("kg", "[lb_av]", 100_000_000, 45_359_237),
    scaled("[lb_av]", "kg", 45_359_237, 100_000_000),
    scaled("cm", "[in_i]", 100, 254),
    scaled("[in_i]", "cm", 254, 100),
    scaled("mg/dL", "mmol/L", 10_000, 180_156),
    scaled("mmol/L", "mg/dL", 180_156, 10_000),
];

/// A value in another unit, rounded once to `scale` decimals. Units are UCUM codes; `None` when no rule joins
/// them or the answer does not fit. The glucose rule holds for glucose alone.
///
/// For display one decimal is enough. A value *entered* in pounds or °F is to be stored with at least two,
/// because one decimal of a degree Celsius is coarser than one of a degree Fahrenheit.
pub fn convert(value: Quantity, from: &str, to: &str, scale: u8) -> Option<Quantity> {
    if from == to {
        return value.rounded(scale);
    }
    let rule = CONVERSIONS.iter().find(|rule| rule.from == from && rule.to == to)?;
    let (numerator, denominator) = value.as_ratio();
    let moved = (numerator + rule.before * denominator).checked_mul(rule.numerator)?;
    let below = denominator.checked_mul(rule.denominator)?;
    Quantity::from_ratio(moved + rule.after * below, below, scale)
}

/// A height as people say it: whole feet and inches to one decimal (170 cm is 5 ft 6.9 in).
/// `None` for a negative height or one that does not fit.
pub fn feet_and_inches(height_cm: Quantity) -> Option<(u32, Quantity)> {
    let tenths = convert(height_cm, "cm", "[in_i]", 1)?.mantissa();
    let feet = u32::try_from(tenths.div_euclid(120)).ok()?;
    Some((feet, Quantity::new(tenths.rem_euclid(120), 1).ok()?))
}

/// How a UCUM code is written on a screen (`mm[Hg]` is mmHg); the code itself when it reads well already.
pub fn display_unit(ucum: &str) -> &str {
    match ucum {
        "mm[Hg]" => "mmHg",
        "Cel" => "°C",
        "[degF]" => "°F",
        "[lb_av]" => "lb",
        "[in_i]" => "in",
        "kg/m2" => "kg/m²",
        other => other,
    }
}

#[cfg(test)]
mod tests;
