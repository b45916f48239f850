//! Numbers as they are written: `30m`, `200k`, `80%`, `1.5`.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    None,
    /// `%`.
    Percent,
    /// `s`, `m`, `h`, `d`, kept in seconds.
    Time,
}

/// A number with its unit, exact: in thousandths, times in thousandths of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    pub thousandths: i64,
    pub unit: Unit,
}

impl Quantity {
    pub fn of(number: i64) -> Self {
        Quantity { thousandths: number.saturating_mul(1000), unit: Unit::None }
    }

    /// Reads a number token; `Err` says what is wrong with it.
    pub fn read(token: &str) -> Result<Self, String> {
        let split = token.find(|c: char| c == '%' || c.is_ascii_alphabetic()).unwrap_or(token.len());
        let (digits, suffix) = token.split_at(split);
        let (factor, unit) = match suffix {
            "" => (1, Unit::None),
            "%" => (1, Unit::Percent),
            "k" => (1_000, Unit::None),
            "s" => (1, Unit::Time),
            "m" => (60, Unit::Time),
            "h" => (3_600, Unit::Time),
            "d" => (86_400, Unit::Time),
            other => return Err(format!("`{other}` is no unit")),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if fraction.len() > 3 {
            return Err("more than three decimals".to_string());
        }
        let too_large = || "the number is too large".to_string();
        let negative = whole.starts_with('-');
        let whole: i64 = whole.parse().map_err(|_| too_large())?;
        let fraction: i64 = format!("{fraction:0<3}").parse().map_err(|_| too_large())?;
        let fraction = if negative { -fraction } else { fraction };
        let thousandths =
            whole.checked_mul(1000).and_then(|n| n.checked_add(fraction)).and_then(|n| n.checked_mul(factor));
        Ok(Quantity { thousandths: thousandths.ok_or_else(too_large)?, unit })
    }

    /// The number, if it is a whole one.
    pub fn whole(self) -> Option<i64> {
        (self.thousandths % 1000 == 0).then_some(self.thousandths / 1000)
    }

    /// As a reader expects it: `80%`, `2 h`, `1.5`.
    pub fn show(self) -> String {
        match self.unit {
            Unit::Percent => format!("{}%", decimal(self.thousandths)),
            Unit::None => decimal(self.thousandths),
            Unit::Time => {
                let seconds = self.thousandths / 1000;
                match seconds {
                    s if s != 0 && s % 3600 == 0 => format!("{} h", s / 3600),
                    s if s != 0 && s % 60 == 0 => format!("{} min", s / 60),
                    _ => format!("{} s", decimal(self.thousandths)),
                }
            }
        }
    }
}

/// Thousandths as a decimal number without needless zeros.
pub fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = ((thousandths / 1000).unsigned_abs(), (thousandths % 1000).unsigned_abs());
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_and_show() {
        let show = |token| Quantity::read(token).map(Quantity::show);
        assert_eq!(show("30m"), Ok("30 min".to_string()));
        assert_eq!(show("2h"), Ok("2 h".to_string()));
        assert_eq!(show("200k"), Ok("200000".to_string()));
        assert_eq!(show("-1.50"), Ok("-1.5".to_string()));
        assert_eq!(show("-0.5"), Ok("-0.5".to_string()));
        assert_eq!(show("80%"), Ok("80%".to_string()));
        assert!(show("3x").is_err());
        assert!(show("99999999999999999999").is_err());
    }
}
