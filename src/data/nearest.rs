/// The known name that was probably meant, if one is like enough to what was written.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    known
        .map(|name| (strsim::jaro_winkler(&wrong, name), name))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_in_any_case_and_another_word_finds_none() {
        let nearest = |wrong| nearest(wrong, ["accuracy", "epochs", "loss"].into_iter());
        assert_eq!(nearest("acuracy"), Some("accuracy"));
        assert_eq!(nearest("EPOCH"), Some("epochs"));
        assert_eq!((nearest("zzz"), nearest(""), nearest("\u{8868}")), (None, None, None));
    }
}
