import pytest

from webapp.paths import MIGRATIONS_DIR
from webapp.supervisor.errors import CannotStart
from webapp.supervisor.planning import make_plan

PRODUCTION = {
    "APP_ENV": "production",
    "SITE_URL": "https://tickets.example.org",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "TICKET_SIGNING_KEY": "zyxwvutsrqponmlkjihgfedcba9876543210",
    "DATABASE_URL": "postgresql+psycopg://yardpass@db.example.org/yardpass",
    "REDIS_URL": "rediss://redis.example.org:6379/0",
    "STRIPE_SECRET_KEY": "sk_live_example",
    "STRIPE_WEBHOOK_SECRET": "whsec_example",
    "RESEND_API_KEY": "re_example",
    "MAIL_FROM": "Box office <tickets@example.org>",
}


def names(commands):
    return [command.name for command in commands]


def mail_webhook(plan):
    options = plan.sandbox.arguments
    return options[options.index("--mail-webhook") + 1] if "--mail-webhook" in options else None


def test_without_settings_everything_is_brought_along(tmp_path):
    plan = make_plan({"YARDPASS_HOME": str(tmp_path)})

    assert (plan.runs_postgres, plan.runs_redis) == (True, True)
    assert plan.ports == {"PORT": 8000, "SANDBOX_PORT": 8001}
    assert plan.webhook_url == "http://127.0.0.1:8000/webhooks/stripe"
    assert mail_webhook(plan) == "http://127.0.0.1:8000/webhooks/resend"
    assert names(plan.preparations) == ["migrations", "demo data"]
    assert plan.preparations[0].versions == MIGRATIONS_DIR / "versions"
    assert names(plan.services) == ["web", "jobs"]
    assert plan.announcements == (
        "ready http://localhost:8000",
        "  mail inbox       http://localhost:8001/mail",
        "  payment sandbox  http://localhost:8001",
    )


def test_the_operators_servers_are_used_instead_of_ours(tmp_path):
    plan = make_plan(
        {
            "YARDPASS_HOME": str(tmp_path),
            "DATABASE_URL": PRODUCTION["DATABASE_URL"],
            "REDIS_URL": PRODUCTION["REDIS_URL"],
        }
    )

    assert (plan.runs_postgres, plan.runs_redis) == (False, False)
    assert plan.sandbox is not None


def test_a_mail_service_of_the_operator_tells_its_own_webhook(tmp_path):
    plan = make_plan({"YARDPASS_HOME": str(tmp_path), "RESEND_API_KEY": "re_example"})

    assert mail_webhook(plan) is None


def test_a_gateway_key_of_the_operator_never_meets_the_sandbox(tmp_path):
    plan = make_plan({"YARDPASS_HOME": str(tmp_path), "STRIPE_SECRET_KEY": "sk_test_example"})

    assert plan.webhook_url is None
    assert names(plan.preparations) == ["migrations"]
    assert plan.sandbox is not None  # for mail


def test_production_runs_nothing_embedded():
    plan = make_plan(PRODUCTION)

    assert (plan.runs_postgres, plan.runs_redis, plan.sandbox) == (False, False, None)
    assert plan.ports == {"PORT": 8000}
    assert names(plan.preparations) == ["migrations"]


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "RESEND_API_KEY"]
)
def test_production_refuses_what_would_be_embedded(name):
    with pytest.raises(CannotStart, match=f"Set {name}:"):
        make_plan(PRODUCTION | {name: ""})


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_has_to_be_one(tmp_path, port):
    with pytest.raises(CannotStart, match="Set PORT to a port between 1 and 65535"):
        make_plan({"YARDPASS_HOME": str(tmp_path), "PORT": port})


def test_misspelt_production_starts_nothing(tmp_path):
    with pytest.raises(CannotStart, match="Set APP_ENV to development or production"):
        make_plan({"YARDPASS_HOME": str(tmp_path), "APP_ENV": "prod"})
