"""The database itself keeps the audit trail append-only: any statement that changes it fails."""

from sqlalchemy import Connection, text

__all__ = ["protect_audit"]

_SAYS = "the audit trail is append-only"
_SQLITE = (
    f"""CREATE TRIGGER IF NOT EXISTS audit_keeps_rows BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS audit_keeps_values BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END""",
    # REPLACE deletes without asking the triggers of deletion.
    """CREATE TRIGGER IF NOT EXISTS audit_keeps_ids BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$""",
    """CREATE TRIGGER audit_keeps_values BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()""",
    """CREATE TRIGGER audit_keeps_rows BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
)
# Asked first: making a trigger anew would wait for everyone who writes to the table.
_IS_PROTECTED = text(
    "SELECT 1 FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgname = 'audit_keeps_rows'"
)


def protect_audit(connection: Connection) -> None:
    """Let every statement fail that would change or remove an entry of the audit trail.

    This holds against mistakes of any program, not against an owner of the database who takes the
    triggers away.
    """
    if connection.dialect.name == "sqlite":
        statements: tuple[str, ...] = _SQLITE
    else:
        statements = () if connection.execute(_IS_PROTECTED).first() else _POSTGRESQL
    for statement in statements:
        connection.exec_driver_sql(statement)
