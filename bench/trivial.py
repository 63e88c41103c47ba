"""The least that a web application can do: the ceiling for every figure of ours."""

from flask import Flask


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def say_yes() -> str:
        return "yes"

    return app
