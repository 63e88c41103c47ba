"""A crowd of callers on the real database."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from tests.concurrency.crowd import build_crowd
from webapp.database import db
from webapp.ports import Ports

CONNECTIONS = 64


@pytest.fixture
def crowd(app: Flask, database_url: str, ports: Ports) -> Iterator[Flask]:
    """An application with a connection for each of 64 callers."""
    crowd = build_crowd(database_url, ports, connections=CONNECTIONS)
    yield crowd
    with crowd.app_context():
        db.engine.dispose()


@pytest.fixture
def unguarded(app: Flask, database_url: str, ports: Ports) -> Iterator[Callable[..., Flask]]:
    """Crowds that see copies of the named tables, with the rows but without any constraint.

    The copies stand in a schema of their own, in front of the real tables.
    """
    crowds: list[Flask] = []

    def build(*tables: str) -> Flask:
        db.session.execute(text("CREATE SCHEMA unguarded"))
        for table in tables:
            db.session.execute(
                text(f"CREATE TABLE unguarded.{table} (LIKE public.{table} INCLUDING DEFAULTS)")
            )
            db.session.execute(
                text(f"INSERT INTO unguarded.{table} SELECT * FROM public.{table}")  # noqa: S608
            )
        db.session.commit()
        crowd = build_crowd(
            database_url, ports, connections=CONNECTIONS, search_path="unguarded,public"
        )
        crowds.append(crowd)
        return crowd

    yield build
    for crowd in crowds:
        with crowd.app_context():
            db.engine.dispose()
    db.session.rollback()
    db.session.execute(text("DROP SCHEMA IF EXISTS unguarded CASCADE"))
    db.session.commit()
