//! The views that people query.

use rusqlite::Connection;

use super::{SavedAssertion, SavedFile, SavedReader, SavedWriter};

fn assertion(line: u32, kind: &str, label: Option<(&str, &str)>, flags: u16) -> SavedAssertion {
    SavedAssertion {
        line,
        kind: kind.to_owned(),
        label: label.map(|(kind, name)| (kind.to_owned(), name.into())),
        flags,
        description: (line == 1).then(|| "first".to_owned()),
    }
}

fn files() -> [SavedFile; 2] {
    let users = Some(("tables", "app.users"));
    let a = SavedFile {
        path: "a.sql".into(),
        plan: Some(4),
        assertions: vec![
            assertion(1, "has_table", users, 0),
            assertion(2, "ok", None, 0),
            assertion(3, "hasnt_table", Some(("tables", "app.old")), 1),
            assertion(4, "tables_are", Some(("tables", "app")), 4),
        ],
        credits: vec![(3, ("tables".to_owned(), "app.users".into()))],
        ..SavedFile::default()
    };
    let b = SavedFile {
        path: "b.sql".into(),
        assertions: vec![assertion(1, "has_pk", users, 0), assertion(2, "has_table", users, 16)],
        ..SavedFile::default()
    };
    [a, b]
}

/// All rows of a query, values with bars between.
fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let text = |value: rusqlite::types::Value| match value {
        rusqlite::types::Value::Null => "-".to_owned(),
        rusqlite::types::Value::Integer(n) => n.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    let row = |row: &rusqlite::Row| {
        Ok((0..columns)
            .map(|at| text(row.get_unwrap(at)))
            .collect::<Vec<_>>()
            .join("|"))
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

#[test]
fn views_say_what_the_tables_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coverage.sqlite");
    let mut writer = SavedWriter::new(&path).unwrap();
    for file in files() {
        writer.add(&file).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), (2, 6));
    let connection = Connection::open(&path).unwrap();
    assert_eq!(
        rows(&connection, "SELECT path, plan, assertions FROM files"),
        ["a.sql|4|4", "b.sql|-|1"]
    );
    assert_eq!(
        rows(
            &connection,
            "SELECT path, line, type, target, description, absence, commented FROM assertions ORDER BY path, line"
        ),
        [
            "a.sql|1|has_table|app.users|first|0|0",
            "a.sql|2|ok|-|-|0|0",
            "a.sql|3|hasnt_table|app.old|-|1|0",
            "a.sql|4|tables_are|app|-|0|0",
            "b.sql|1|has_pk|app.users|first|0|0",
            "b.sql|2|has_table|app.users|-|0|1",
        ]
    );
    assert_eq!(
        rows(
            &connection,
            "SELECT name, path, line, type FROM coverage ORDER BY path, line"
        ),
        [
            "app.users|a.sql|1|has_table",
            "app.users|a.sql|4|tables_are",
            "app.users|b.sql|1|has_pk"
        ]
    );
    assert_eq!(rows(&connection, "SELECT * FROM objects"), ["tables|app.users|3|3|2"]);
    let reader = SavedReader::open(&path).unwrap();
    let mut read = Vec::new();
    reader
        .each(&mut |file| {
            read.push(file);
            Ok(())
        })
        .unwrap();
    assert_eq!(read, files());
}
