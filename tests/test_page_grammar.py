"""The grammar of pages: every fault that it watches for is found, and none where there is none."""

import pytest

from tests.page_grammar import find_grammar_faults

PAGE = """<!doctype html>
<html lang="en"><head><title>Yard</title></head><body><main>
<h1>Yard</h1><h2>Prices</h2><p>All in.</p><h2>Places</h2>
<form><label for="email">Email</label><input id="email" aria-describedby="why"></form>
<p id="why">For your tickets</p><ul><li><a href="/">Back</a></li></ul>
<button type="button" aria-controls="why"><svg role="img" aria-label="More"></svg></button>
<img src="/p.png" alt="" width="320" height="180">
</main></body></html>
"""


def test_sound_page_has_no_faults():
    assert find_grammar_faults(PAGE) == []


def test_sound_fragment_has_no_faults():
    assert find_grammar_faults('<section id="a"><h2>Total</h2><p>$10<p>Fees</section>') == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<section><div></section>", "End tag (section) seen too early"),
        ("<p><div></div></p>", "Unexpected end tag (p)"),
        ("<div>", "Expected closing tag"),
        ("<b><i>x</b></i>", "adoption agency"),
        ('<p class="a" class="b"></p>', "duplicate attribute"),
        ("<form><form></form></form>", "Unexpected start tag (form)"),
        ("<a href='/'><button type='button'>x</button></a>", "<button> inside <a>"),
        ("<h1>a</h1><h3>b</h3>", "<h3> comes right after <h1>"),
        ("<button>Pay</button>", "does not say its type: 'Pay'"),
        ("<button type='button'></button>", "a <button> has no name"),
        ("<a href='/'><img src='/a' alt='' width='1' height='1'></a>", "a <a> has no name"),
        ("<img src='/a.png' alt='A'>", "does not say its width: /a.png"),
        ("<ul><p>x</p></ul>", "<p> directly inside <ul>"),
        ("<p tabindex='2'></p>", "tabindex='2'"),
        ("<p id='a b'></p>", "has an id that is none"),
        ("<center>x</center>", "<center> is obsolete"),
        ("<html><title>t</title></html>", "does not begin with <!doctype html>"),
        (PAGE.replace('id="email"', ""), "for='email' of <label> refers to nothing"),
        (PAGE.replace('id="why"', ""), "aria-controls='why' of <button> refers to nothing"),
    ],
)
def test_each_fault_is_named(html, fault):
    assert any(fault in found for found in find_grammar_faults(html))
