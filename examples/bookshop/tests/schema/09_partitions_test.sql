BEGIN;
SELECT plan(CASE WHEN current_setting('server_version_num')::int >= 120000 THEN 24 ELSE 1 END);

SELECT is_partitioned('audit', 'events', 'the trail is partitioned');
SELECT isnt_partitioned('audit', 'login_failures', 'login failures are not');
SELECT isnt_partitioned('audit', 'events_2024', 'no sub-partitions');
SELECT partitions_are('audit', 'events', ARRAY['audit.events_2024', 'audit.events_2025', 'audit.events_default']);

SELECT is_partition_of('audit', 'events_' || y, 'audit', 'events', 'events_' || y || ' is a partition')
  FROM generate_series(2024, 2025) AS y;
SELECT is_partition_of('audit', 'events_default', 'audit', 'events');

SELECT is_descendent_of('audit', 'events_2025', 'audit', 'events', 'events_2025 descends from events');
SELECT is_ancestor_of('audit', 'events', 'audit', 'events_2024', 1, 'events is the parent of events_2024');
SELECT isnt_descendent_of('audit', 'login_failures', 'audit', 'events', 'login_failures stands alone');
SELECT isnt_ancestor_of('audit', 'events_2024', 'audit', 'events_2025', 'the years are siblings');

SELECT is_ancestor_of('audit', 'events', 'audit', 'events_default', 'events is the parent of events_default');
SELECT hasnt_inherited_tables('audit', 'login_failures', 'login_failures has none');

SELECT col_type_is('audit', 'events', 'happened_at', 'timestamp with time zone', 'partition key');
SELECT col_type_is('audit', 'events', 'actor', 'name', 'actor is a role name');
SELECT col_type_is('audit', 'events', 'new_row', 'jsonb', 'rows are kept as jsonb');
SELECT col_is_null('audit', 'events', 'old_row', 'inserts have no old row');

-- rows go where they belong
INSERT INTO audit.events (happened_at, relation, action) VALUES
    ('2024-12-31 23:59:59+00', 'test.a', 'INSERT'),
    ('2025-01-01 00:00:00+00', 'test.b', 'INSERT'),
    ('2023-03-03 00:00:00+00', 'test.c', 'DELETE');

WITH placed AS (
    SELECT tableoid::regclass::text AS partition, relation FROM audit.events WHERE relation LIKE 'test.%'
)
SELECT is(p.partition, expected.partition, 'partition of ' || expected.relation)
  FROM (VALUES ('test.a', 'audit.events_2024'),
               ('test.b', 'audit.events_2025'),
               ('test.c', 'audit.events_default')) AS expected (relation, partition)
  LEFT JOIN placed p USING (relation);

SELECT results_eq(
    $q$ SELECT relation FROM audit.events_between('2024-01-01', '2026-01-01') WHERE relation LIKE 'test.%' $q$,
    $q$ VALUES ('test.a'), ('test.b') $q$,
    'events_between() reads across partitions (upper bound excluded)'
);
SELECT is_empty(
    $q$ SELECT * FROM audit.events_between('2023-03-04', '2023-03-05') $q$,
    'nothing on a quiet day'
);
SELECT throws_ok(
    $q$ INSERT INTO audit.events (relation, action) VALUES ('test.d', 'TRUNCATE') $q$,
    '23514',
    NULL,
    'only row changes are logged'
);
SELECT throws_like(
    $q$ INSERT INTO audit.events (relation, action) VALUES ('test.e', 'TRUNCATE') $q$,
    '%violates check constraint "events_action_check"',
    'and the constraint says so'
);

SELECT * FROM finish();
ROLLBACK;
