"""What follows a purchase: add-ons, names on tickets, calendars, lost mails.

Additive: new tables, nullable columns and one with a default; a trigger that
raises an event's ``schedule_version`` whenever its calendar entries change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "events", sa.Column("attendee_changes_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "events",
        sa.Column("schedule_version", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "orders", sa.Column("add_ons_dismissed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "add_on_checkouts",
        sa.Column("checkout_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("add_on_checkouts_checkout_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("add_on_checkouts_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("checkout_id", name=op.f("add_on_checkouts_pkey")),
    )
    op.create_index(op.f("add_on_checkouts_order_id_idx"), "add_on_checkouts", ["order_id"])
    op.create_table(
        "order_lookups",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("order_lookups_pkey")),
    )
    op.create_index(
        op.f("order_lookups_email_requested_at_idx"), "order_lookups", ["email", "requested_at"]
    )
    op.create_index(op.f("order_lookups_requested_at_idx"), "order_lookups", ["requested_at"])
    # Looked up by address in any case of letters.
    op.create_index("orders_lower_contact_email_idx", "orders", [sa.text("lower(contact_email)")])
    op.execute(
        "CREATE FUNCTION raise_schedule_version() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN NEW.schedule_version := OLD.schedule_version + 1; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_schedule_changed BEFORE UPDATE ON events FOR EACH ROW "
        "WHEN ((OLD.title, OLD.venue_name, OLD.venue_address, OLD.time_zone, OLD.starts_at,"
        " OLD.ends_at, OLD.status) IS DISTINCT FROM (NEW.title, NEW.venue_name,"
        " NEW.venue_address, NEW.time_zone, NEW.starts_at, NEW.ends_at, NEW.status)) "
        "EXECUTE FUNCTION raise_schedule_version()"
    )
    op.execute(
        "CREATE FUNCTION raise_event_schedule_version() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN UPDATE events SET schedule_version = schedule_version + 1 WHERE id = NEW.event_id; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER occurrences_schedule_changed AFTER UPDATE ON occurrences FOR EACH ROW "
        "WHEN ((OLD.name, OLD.starts_at, OLD.ends_at)"
        " IS DISTINCT FROM (NEW.name, NEW.starts_at, NEW.ends_at)) "
        "EXECUTE FUNCTION raise_event_schedule_version()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER occurrences_schedule_changed ON occurrences")
    op.execute("DROP FUNCTION raise_event_schedule_version()")
    op.execute("DROP TRIGGER events_schedule_changed ON events")
    op.execute("DROP FUNCTION raise_schedule_version()")
    op.drop_index("orders_lower_contact_email_idx", table_name="orders")
    op.drop_table("order_lookups")
    op.drop_table("add_on_checkouts")
    op.drop_column("orders", "add_ons_dismissed_at")
    op.drop_column("events", "schedule_version")
    op.drop_column("events", "attendee_changes_until")
