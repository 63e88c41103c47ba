"""The hosted payment page and the bank's page, for a buyer with a browser."""

from werkzeug.wrappers import Request, Response

from paysandbox import checkout, sessions
from paysandbox.cards import CARDS
from paysandbox.errors import ApiError
from paysandbox.pages import render, see_other, stylesheet
from paysandbox.payment_methods import detach_method, list_saved_methods
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

SUBMIT_LABELS = {"book": "Book", "donate": "Donate", "subscribe": "Subscribe"}


class PaymentPages:
    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def respond(self, request: Request) -> Response:
        page, _, object_id = request.path.removeprefix("/c/").partition("/")
        answers = {
            ("GET", "pay"): self._show_payment,
            ("POST", "pay"): self._pay,
            ("GET", "3ds"): self._show_challenge,
            ("POST", "3ds"): self._answer_challenge,
        }
        answer = answers.get((request.method, page))
        try:
            if answer is not None:
                with self._box.store.transaction():
                    return answer(request, object_id)
        except ApiError as error:
            return render("over.html", status=error.status, message=str(error), link=None)
        return render("over.html", status=404, message="There is no such page.", link=None)

    def respond_static(self, request: Request) -> Response:
        if request.path == "/static/sandbox.css":
            return stylesheet()
        return Response("Not found\n", status=404, content_type="text/plain")

    def _show_payment(self, _request: Request, session_id: str) -> Response:
        session = sessions.get_session(self._box, session_id)
        if session["status"] != "open":
            return self._show_over(session)
        return self._render_payment(session, decline=self._last_decline(session))

    def _pay(self, request: Request, session_id: str) -> Response:
        session = sessions.get_session(self._box, session_id)
        if session["status"] != "open":
            return self._show_over(session)
        form = request.form
        if "remove" in form:
            self._remove_method(session, form["remove"])
            return see_other(f"/c/pay/{session_id}")
        try:
            outcome = checkout.pay_session(
                self._box,
                session,
                instrument=form.get("instrument") or form.get("number", ""),
                pages_url=request.host_url.rstrip("/"),
                wants_saving="save_card" in form,
                email=form.get("email"),
                name=form.get("name"),
            )
        except ApiError as error:
            return self._render_payment(session, decline=str(error), status=error.status)
        if outcome.redirect_url is not None:
            return see_other(outcome.redirect_url)
        return self._render_payment(session, decline=outcome.message, status=402)

    def _remove_method(self, session: Json, method_id: str) -> None:
        options = session["saved_payment_method_options"] or {}
        method = self._box.store.get("payment_method", method_id)
        if options.get("payment_method_remove") == "enabled" and (
            method["customer"] == session["customer"]
        ):
            detach_method(self._box, method)

    def _show_challenge(self, _request: Request, intent_id: str) -> Response:
        intent, session = self._challenge(intent_id)
        if intent["status"] != "requires_action":
            return render(
                "over.html", message="There is nothing to confirm here any more.", link=None
            )
        target = session["success_url"] if session else checkout.return_url_of(intent)
        return render("challenge.html", intent=intent, form_targets=(target,))

    def _answer_challenge(self, request: Request, intent_id: str) -> Response:
        intent, session = self._challenge(intent_id)
        if intent["status"] != "requires_action":
            return self._show_challenge(request, intent_id)
        is_passed = request.form.get("result") == "complete"
        outcome = checkout.answer_challenge(self._box, intent_id, is_passed=is_passed)
        if session is not None:
            return see_other(outcome.redirect_url or f"/c/pay/{session['id']}")
        status = "succeeded" if outcome.status == "complete" else "failed"
        target = checkout.return_url_of(intent, status)
        if target is None:
            return render("over.html", message="You can close this page.", link=None)
        return see_other(target)

    def _challenge(self, intent_id: str) -> tuple[Json, Json | None]:
        """The intent and its session, after a session whose time is over was closed."""
        session = sessions.session_of(self._box, self._box.store.get("payment_intent", intent_id))
        return self._box.store.get("payment_intent", intent_id), session

    def _last_decline(self, session: Json) -> str | None:
        if session["payment_intent"] is None:
            return None
        intent = self._box.store.get("payment_intent", session["payment_intent"])
        error = intent["last_payment_error"]
        return None if error is None else str(error["message"])

    def _show_over(self, session: Json) -> Response:
        if session["status"] == "complete":
            link = checkout.success_url(session)
            return render("over.html", message="This payment is already done.", link=link)
        message = "This payment page has expired. You have not been charged."
        return render("over.html", status=410, message=message, link=session["cancel_url"])

    def _render_payment(
        self, session: Json, *, decline: str | None = None, status: int = 200
    ) -> Response:
        options = session["saved_payment_method_options"] or {}
        saved: list[Json] = []
        if session["customer"] is not None and "card" in session["payment_method_types"]:
            redisplay = options.get("allow_redisplay_filters", ["always"])
            saved = list_saved_methods(self._box, session["customer"], redisplay)
        return render(
            "payment.html",
            status=status,
            form_targets=(session["success_url"], session["cancel_url"], self._box.site_url),
            session=session,
            items=sessions.line_items_of(self._box, session),
            decline=decline,
            saved_methods=saved,
            can_remove=options.get("payment_method_remove") == "enabled",
            can_save=options.get("payment_method_save") == "enabled",
            takes_cards="card" in session["payment_method_types"],
            takes_bank_debit=bool(set(session["payment_method_types"]) - {"card"}),
            test_cards=CARDS,
            submit_label=SUBMIT_LABELS.get(session["submit_type"] or "pay", "Pay"),
        )
