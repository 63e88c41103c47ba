"""An event's pictures: poster art for pages, and the picture beside shared links."""

from collections import OrderedDict
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.filters import ONE_YEAR_SECONDS, event_time
from blueprints.language import current_language
from webapp.documents.poster import poster_digest, poster_svg
from webapp.domain import events
from webapp.links import absolute_url
from webapp.models import Event

bp = Blueprint("posters", __name__)

MAX_PICTURES = 64
# For an address that names no state, or an old one: it shows the present one for a while.
SHORTLY_SECONDS = 300


@dataclass(slots=True)
class PictureCache:
    """The pictures that were asked for last. Two threads may draw the same one: harmless."""

    pictures: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def find(self, digest: str) -> bytes | None:
        """The picture with this digest, if it is still here."""
        return self.pictures.get(digest)

    def keep(self, digest: str, picture: bytes) -> None:
        """Keep one more; the oldest one goes."""
        self.pictures[digest] = picture
        if len(self.pictures) > MAX_PICTURES:
            self.pictures.popitem(last=False)


@bp.get("/e/<slug>/poster.svg")
def show_poster(slug: str) -> ResponseReturnValue:
    """The poster art of one event."""
    event = events.get_readable_event(slug=slug)
    svg = poster_svg(slug=event.slug, title=event.title, colour=event.colour)
    return _answer(svg.encode(), mimetype="image/svg+xml", digest=_art_digest(event))


@bp.get("/e/<slug>/poster.png")
def show_picture(slug: str) -> ResponseReturnValue:
    """The picture of 1200 by 630 that is shown beside a link to the event."""
    event = events.get_readable_event(slug=slug)
    digest = _picture_digest(event)
    response = _answer(_picture(event, digest), mimetype="image/png", digest=digest)
    # The date is written in the reader's language.
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    # Networks show it on pages of their own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def poster_url(event: Event) -> str:
    """The address of the poster art in its present state."""
    return url_for("posters.show_poster", slug=event.slug, v=_art_digest(event))


def picture_url(event: Event) -> str:
    """The full address of the picture beside links, in its present state."""
    return absolute_url("posters.show_picture", slug=event.slug, v=_picture_digest(event))


def init_app(app: Flask) -> None:
    """Give each application a cache of its own, and templates the addresses."""
    app.extensions["poster_pictures"] = PictureCache()
    app.jinja_env.globals.update(poster_url=poster_url, picture_url=picture_url)
    app.register_blueprint(bp)


def _art_digest(event: Event) -> str:
    return poster_digest(event.slug, event.title, event.colour)


def _picture_digest(event: Event) -> str:
    texts = (event.slug, event.title, event.colour, event.venue_name)
    moments = (event.starts_at.isoformat(), event.ends_at.isoformat(), event.time_zone)
    return poster_digest(*texts, *moments, current_language())


def _picture(event: Event, digest: str) -> bytes:
    """The picture in its present state, drawn once a process."""
    cache: PictureCache = current_app.extensions["poster_pictures"]
    picture = cache.find(digest)
    if picture is None:
        # Draws pixels and loads a lot for it.
        from webapp.documents.poster_picture import poster_png  # noqa: PLC0415

        picture = poster_png(
            slug=event.slug,
            title=event.title,
            colour=event.colour,
            when=event_time(event),
            where=event.venue_name,
        )
        cache.keep(digest, picture)
    return picture


def _answer(body: bytes, *, mimetype: str, digest: str) -> Response:
    """The picture, kept for ever under the address that names its state."""
    response = Response(body, mimetype=mimetype)
    is_exact = request.args.get("v") == digest
    response.cache_control.public = True
    response.cache_control.max_age = ONE_YEAR_SECONDS if is_exact else SHORTLY_SECONDS
    response.cache_control.immutable = is_exact
    response.set_etag(digest)
    response.make_conditional(request)
    return response
