use super::*;

fn odd() -> Catalog {
    Catalog::parse(include_str!("../../__test__/fixtures/gaps/catalog.json")).unwrap()
}

#[test]
fn rows_stand_in_the_order_of_kinds_and_have_names_of_their_own() {
    let catalog = odd();
    let lookup = Lookup::new(&catalog);
    assert!(lookup.objects.is_sorted_by_key(|object| object.kind));
    let mut names: Vec<_> = lookup.objects.iter().map(|o| (o.kind, &o.display)).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    for kind in Kind::ALL {
        let rows = lookup.rows(*kind);
        assert!(!rows.is_empty(), "{kind:?}");
        assert!(
            rows.clone()
                .all(|row| lookup.object(row).is_some_and(|o| o.kind == *kind))
        );
    }
}

#[test]
fn what_partitions_have_from_their_parent_is_marked() {
    let catalog = odd();
    let lookup = Lookup::new(&catalog);
    let inherited = |kind| {
        let rows = lookup.rows(kind).filter_map(|row| lookup.object(row));
        rows.filter(|o| o.inherited)
            .map(|o| o.display.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(inherited(Kind::Column).len(), 8);
    assert_eq!(
        inherited(Kind::Trigger),
        ["app.orders 2025.orders_touch", "app.orders_2024.orders_touch"]
    );
    assert!(inherited(Kind::PrimaryKey).len() == 2 && inherited(Kind::ForeignKey).len() == 6);
    assert!(inherited(Kind::Table).is_empty());
}

#[test]
fn indexes_of_keys_are_the_keys() {
    let catalog = odd();
    let lookup = Lookup::new(&catalog);
    let path = SearchPath::new([&b"app"[..]]);
    let kind = |name: &[u8]| lookup.object(lookup.index(None, name, &path)?).map(|o| o.kind);
    assert_eq!(kind(b"users_pkey"), Some(Kind::PrimaryKey));
    assert_eq!(kind(b"users_email_key"), Some(Kind::Unique));
    assert_eq!(kind(b"users_lower"), Some(Kind::Index));
    assert_eq!(kind(b"gone"), None);
}
