"""The API's own description, made from the very models that check and answer.

spectree collects what the views declare and writes OpenAPI. It does not stand
between a request and its view: its own validation answers in a shape of its
own, and would read and write every body a second time.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin
from spectree.utils import get_model_key

from blueprints.api.documents import ProblemDocument
from blueprints.api.problems import MEDIA_TYPE

View = TypeVar("View", bound=Callable[..., Any])
FIRST_ERROR = 400


class DescribingPlugin(FlaskPlugin):
    """Calls the view as it is."""

    def validate(self, func: Callable[..., Any], *_: object, **values: object) -> Any:
        """The view's own answer; everything else is its business."""
        return func(**values)


class Answers(Response):
    """Responses whose errors are problem documents, by their own media type."""

    def generate_spec(
        self, naming_strategy: Callable[[type[Any]], str] = get_model_key
    ) -> dict[str, Any]:
        """The responses of one operation."""
        responses = super().generate_spec(naming_strategy)
        for status, response in responses.items():
            if int(status) >= FIRST_ERROR and "content" in response:
                response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
        return responses


book = SpecTree(
    backend=DescribingPlugin,
    title="Yardpass",
    description="Events, checkouts and orders of this box office. Send Accept-Language (en, es, de)"
    " with the buyer's languages: sentences, and the mails about what is bought, follow it.",
    version="1",
    mode="strict",
    annotations=False,
    naming_strategy=lambda model: _name(model.__name__),
    nested_naming_strategy=lambda _, child: _name(child),
    validation_error_model=ProblemDocument,
    page_templates={},
    security_schemes=[
        SecurityScheme(
            name="checkout_token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")
        )
    ],
)


def describe(
    *,
    answers: dict[int, type[BaseModel] | None],
    problems: tuple[int, ...] = (),
    body: type[BaseModel] | None = None,
    headers: type[BaseModel] | None = None,
    needs_token: bool = False,
) -> Callable[[View], View]:
    """Put a view into the description. Its docstring is the text people read."""
    known: dict[str, Any] = {f"HTTP_{status}": model for status, model in answers.items()}
    refused = {*problems, 404, 429, 500, 503} | ({401} if needs_token else set())
    if body is not None:
        refused |= {400, 413, 415, 422}
    known |= {f"HTTP_{status}": ProblemDocument for status in sorted(refused)}
    return cast(
        "Callable[[View], View]",
        book.validate(
            json=body,
            headers=headers,
            resp=Answers(**known),
            security={"checkout_token": []} if needs_token else None,
        ),
    )


def _name(class_name: str) -> str:
    return class_name.removesuffix("Document").replace("Body", "Request")
