"""The store: tables, migrations and repositories. The only SQL; hands out records and views, never live rows."""
