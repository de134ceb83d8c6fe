use super::*;

fn of(turns: &[(&str, &str)]) -> Vec<(String, Role)> {
    given(turns, &BTreeMap::new())
}

/// Labels in order of the alphabet, with roles.
fn given(turns: &[(&str, &str)], given: &BTreeMap<String, Role>) -> Vec<(String, Role)> {
    let cast = cast(turns.iter().copied(), given, false);
    let role = |label: &String| (label.clone(), cast.role(label));
    cast.by_label.keys().map(role).collect()
}

fn people(turns: &[(&str, &str)]) -> Vec<Vec<String>> {
    let cast = cast(turns.iter().copied(), &BTreeMap::new(), false);
    cast.into_speakers()
        .into_iter()
        .map(|speaker| speaker.labels)
        .collect()
}

fn role(label: &str) -> Option<Role> {
    stated(label)
}

#[test]
fn labels_state_roles() {
    for label in [
        "I",
        "INT",
        "Interviewer",
        "Interviewer 2",
        "Q",
        "Moderator",
        "AI",
        "UX Researcher",
        "Ann (Interviewer)",
    ] {
        assert_eq!(role(label), Some(Role::Interviewer), "{label}");
    }
    for label in [
        "P",
        "P1",
        "P-07",
        "Participant A",
        "Participant Dana",
        "Respondent",
        "User",
        "CUSTOMER",
        "Guest 2",
        "Teilnehmerin 3",
    ] {
        assert_eq!(role(label), Some(Role::Participant), "{label}");
    }
    for label in ["Agent", "Customer Support", "Support agent (Kim)", "Rep"] {
        assert_eq!(role(label), Some(Role::Agent), "{label}");
    }
    for label in [
        "Dana",
        "Speaker 1",
        "Call-in User 1",
        "P. Miller",
        "田中",
        "Project Manager",
        "User Interface",
        "My final question",
        "",
    ] {
        assert_eq!(role(label), None, "{label}");
    }
}

#[test]
fn names_beside_an_interviewer_are_participants() {
    let got = of(&[
        ("Assistant", "Hello"),
        ("User", "Hi"),
        ("AI", "So"),
        ("Dana", "Well"),
    ]);
    let roles: Vec<_> = got.iter().map(|(_, role)| *role).collect();
    use Role::{Interviewer, Participant};
    assert_eq!(roles, [Interviewer, Interviewer, Participant, Participant]);
}

#[test]
fn a_letter_answers_only_where_another_asks() {
    assert_eq!(of(&[("Q", "Why"), ("A", "So")])[0].1, Role::Participant);
    assert_eq!(
        of(&[("A", "Why"), ("B", "So"), ("C", "No")])[0].1,
        Role::Unknown
    );
}

#[test]
fn the_one_who_asks_is_the_interviewer_if_that_is_clear() {
    let asked = [("Ann", "And why was that?"), ("Ben", "Because it broke.")].repeat(4);
    assert_eq!(
        of(&asked),
        [
            ("Ann".to_owned(), Role::Interviewer),
            ("Ben".to_owned(), Role::Participant)
        ]
    );
    let both = [("Ann", "And why was that?"), ("Ben", "Did it not break?")].repeat(4);
    assert!(of(&both).iter().all(|(_, role)| *role == Role::Unknown));
    let short = [("Ann", "And why was that?"), ("Ben", "Because.")];
    assert!(of(&short).iter().all(|(_, role)| *role == Role::Unknown));
}

#[test]
fn what_is_given_wins() {
    let roles = BTreeMap::from([
        ("ann".to_owned(), Role::Participant),
        ("User".to_owned(), Role::Agent),
    ]);
    let got = given(&[("Ann", "Why?"), ("User", "So.")], &roles);
    assert_eq!(got[0].1, Role::Participant);
    assert_eq!(got[1].1, Role::Agent);
    let cast = cast([("Ann", "Why?")].into_iter(), &roles, false);
    let ann = &cast.speakers[0];
    assert_eq!((ann.basis, ann.confidence), (RoleBasis::Given, 1.0));
}

#[test]
fn confidence_says_what_a_role_rests_on() {
    let asked = [("Ann", "And why was that?"), ("Ben", "Because it broke.")].repeat(4);
    let sure = |turns: &[(&str, &str)]| {
        let cast = cast(turns.iter().copied(), &BTreeMap::new(), false);
        let ann = cast.speaker("Ann").unwrap();
        assert_eq!(ann.basis, RoleBasis::Questions);
        ann.confidence
    };
    let late = [&[("Ben", "Well, hello.")], asked.as_slice()].concat();
    assert!(sure(&asked) > sure(&late), "who speaks first counts");
    let cast = cast(
        [("INT", "So?"), ("Dana", "No.")].into_iter(),
        &BTreeMap::new(),
        false,
    );
    let basis: Vec<_> = cast.speakers.iter().map(|one| one.basis).collect();
    assert_eq!(basis, [RoleBasis::Label, RoleBasis::Others]);
}

#[test]
fn nobody_is_a_participant_under_a_label_of_many() {
    let turns = [
        ("INT", "So?"),
        ("Unknown Speaker", "No."),
        ("P1", "Yes."),
        ("???", "Hm."),
    ];
    let cast = cast(turns.into_iter(), &BTreeMap::new(), false);
    assert_eq!(cast.role("Unknown Speaker"), Role::Unknown);
    assert_eq!(cast.role("???"), Role::Unknown);
    assert_eq!(cast.participant("d", "Unknown Speaker"), None);
    assert!(cast.participant("d", "P1").is_some());
    for label in [
        "Unidentified",
        "Multiple speakers",
        "All",
        "Unknown 2",
        "Speaker ?",
        "UNKNOWN",
    ] {
        assert!(is_unidentified(label), "{label}");
    }
    for label in [
        "Speaker 1",
        "Dana",
        "All-in Ann",
        "Unni",
        "P1",
        "Groupe 4",
        "Call-in User 1",
    ] {
        assert!(!is_unidentified(label), "{label}");
    }
    assert_eq!(people(&[("Unknown", "A."), ("UNKNOWN", "B.")]).len(), 2);
}

#[test]
fn spellings_of_one_name_are_one_person() {
    let turns = [
        ("Dana Ortiz", "Hello."),
        ("Sam", "Hi."),
        ("DANA", "Right."),
        ("SAM:", "Go on."),
        ("Dana O.", "It broke."),
        ("sam", "And?"),
        ("Dana", "It broke again."),
    ];
    assert_eq!(
        people(&turns),
        [
            vec!["Dana Ortiz", "Dana O.", "DANA", "Dana"],
            vec!["Sam", "SAM:", "sam"]
        ]
    );
    let cast = cast(
        turns.into_iter(),
        &BTreeMap::from([("Sam".to_owned(), Role::Interviewer)]),
        false,
    );
    let ids: Vec<_> = ["Dana", "DANA", "Dana O."]
        .map(|label| cast.participant("t.txt", label).unwrap().to_string())
        .to_vec();
    assert!(ids.iter().all(|id| id == "t.txt/Dana Ortiz"), "{ids:?}");
}

#[test]
fn a_name_that_may_be_two_people_is_left_alone() {
    let apart =
        |turns: &[(&str, &str)], count: usize| assert_eq!(people(turns).len(), count, "{turns:?}");
    apart(
        &[
            ("Dana", "A."),
            ("Sam", "x"),
            ("Dana Ortiz", "B."),
            ("Sam", "x"),
            ("Dana Smith", "C."),
        ],
        4,
    );
    apart(&[("Speaker", "A."), ("Sam", "x"), ("Speaker 1", "B.")], 3);
    apart(&[("P", "A."), ("Sam", "x"), ("P1", "B.")], 3);
    apart(
        &[("P1", "A."), ("P2", "x"), ("P 1", "B."), ("P-1", "C.")],
        2,
    );
    // They talk to each other.
    apart(
        &[
            ("Dana", "A?"),
            ("Dana Ortiz", "B."),
            ("Dana", "C?"),
            ("Dana Ortiz", "D."),
        ],
        2,
    );
    apart(
        &[
            ("Dana (Interviewer)", "A?"),
            ("Sam", "x"),
            ("Dana (Participant)", "B."),
        ],
        3,
    );
}

#[test]
fn everybody_in_a_focus_group_is_somebody() {
    let turns = [
        ("Moderator", "What made you switch?"),
        ("Zack", "The price."),
        ("Female 1", "The queue."),
        ("P3", "Both."),
        ("Unknown Male", "Hm."),
    ];
    let cast = cast(turns.into_iter(), &BTreeMap::new(), false);
    let ids = turns.map(|(label, _)| cast.participant("g", label).map(|id| id.to_string()));
    assert_eq!(
        ids.iter().flatten().map(String::as_str).collect::<Vec<_>>(),
        ["g/Zack", "g/Female 1", "g/P3"]
    );
}

#[test]
fn labels_stay_apart_where_that_is_asked_for() {
    let turns = [
        ("Dana", "One."),
        ("Sam", "Two?"),
        ("DANA", "Three."),
        ("Dana Ortiz", "Four."),
    ];
    let speakers = |apart| {
        cast(turns.into_iter(), &BTreeMap::new(), apart)
            .into_speakers()
            .len()
    };
    assert_eq!((speakers(false), speakers(true)), (2, 4));
}
