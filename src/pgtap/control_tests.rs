//! Results that control calls make.

use super::super::plan::Inexact;
use super::super::testing::read;

#[test]
fn skips_and_wrappers_count_what_they_make() {
    let check_test = |rest: &str| format!("SELECT * FROM check_test(ok(true), {rest});");
    let table: &[(String, u64, Option<Inexact>)] = &[
        ("SELECT skip('why', 3);".into(), 3, None),
        ("SELECT skip('why', 2 + 2);".into(), 4, None),
        ("SELECT skip('why');".into(), 1, None),
        ("SELECT skip(2);".into(), 2, None),
        ("SELECT skip(how_many => 2, why => 'x');".into(), 2, None),
        ("SELECT skip(why := 'x', how_many := 5);".into(), 5, None),
        ("SELECT skip('why', n);".into(), 0, Some(Inexact::Skip)),
        ("SELECT skip('why', -1);".into(), 0, Some(Inexact::Skip)),
        (
            "SELECT CASE WHEN a THEN skip('why', 2) ELSE ok(true) END;".into(),
            1,
            Some(Inexact::Skip),
        ),
        ("SELECT skip('why', 2) FROM t;".into(), 0, Some(Inexact::Skip)),
        ("SELECT todo('why', 3); SELECT ok(true);".into(), 1, None),
        (
            "SELECT todo_start(); SELECT ok(true); SELECT todo_end();".into(),
            1,
            None,
        ),
        ("SELECT diag('x'); SELECT finish();".into(), 0, None),
        (check_test("true"), 1, None),
        (check_test("true, 'name'"), 1, None),
        (check_test("true, 'name', 'description'"), 2, None),
        (check_test("true, 'name', 'description', 'diagnostics'"), 3, None),
        (check_test("true, 'name', NULL, 'diagnostics'"), 2, None),
        (check_test("true, 'name', NULL, NULL"), 1, None),
        (check_test("true, 'name', 'description', ''"), 3, None),
        (check_test("true, 'name', NULL::text, 'diagnostics'"), 2, None),
        ("SELECT collect_tap(ARRAY[ok(true), pass()]);".into(), 2, None),
        // Without an assertion inside, the text does not tell how many results there are.
        ("SELECT check_test(f(), true);".into(), 1, None),
    ];
    let mut wrong = Vec::new();
    for (sql, results, inexact) in table {
        let plan = read(sql).facts.plan;
        if (plan.results, plan.inexact) != (*results, *inexact) {
            wrong.push(format!("{sql} => {} {:?}", plan.results, plan.inexact));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), 23);
}
