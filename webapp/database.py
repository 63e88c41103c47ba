"""The database handle, the base class of every model, and the one datetime type."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Enum, MetaData, Table, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, registry

# The names PostgreSQL would pick itself, so a psql session holds no surprise.
CONSTRAINT_NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}

# As much as a column for ids holds; a larger number in an address is no id.
LARGEST_ID = 2**63 - 1


class UtcDateTime(TypeDecorator[datetime]):
    """Store aware datetimes as UTC and refuse naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; raise ``ValueError`` for a naive one."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: use webapp.clock.utc_now()")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back whatever zone the connection speaks."""
        del dialect
        return None if value is None else value.astimezone(UTC)


def status_column(kind: type[StrEnum]) -> Enum:
    """A text column that holds one of ``kind``'s values, with a CHECK of its own.

    Text and not a PostgreSQL enum: adding a value is then an ordinary migration.
    """
    return Enum(
        kind,
        native_enum=False,
        length=32,
        create_constraint=True,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Every model's base. Ids are 64-bit, moments are aware UTC."""

    # A registry rather than two class attributes: Flask-SQLAlchemy derives
    # from this class, and SQLAlchemy refuses type_annotation_map there.
    registry = registry(
        metadata=MetaData(naming_convention=CONSTRAINT_NAMES),
        type_annotation_map={datetime: UtcDateTime(), int: BigInteger()},
    )


def table_of(model: type[Base]) -> Table:
    """The bare table of ``model``: what is done on it sees no objects and does not flush them."""
    return cast("Table", model.__table__)


# expire_on_commit off: what a view has read stays readable after the commit,
# without a second trip to the database to render it.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
