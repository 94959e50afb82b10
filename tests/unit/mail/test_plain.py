# SPDX-License-Identifier: Apache-2.0
"""The text of a mail, made from its page."""

import pytest

from poser.mail.plain import WIDTH, plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>A  title</h1><p>One\n two.</p>", "A title\n=======\n\nOne two.\n"),
        ("<h2>Part</h2><p>a<br/>b</p>", "Part\n----\n\na\nb\n"),
        ("<ul><li>one</li><li>two</li></ul><p>x</p>", "* one\n* two\n\nx\n"),
        ("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c\n"),
        ("<p>see <a href='https://x.example/1'>the run</a>.</p>",
         "see the run (https://x.example/1).\n"),
        ("<p><a href='https://x.example'>https://x.example</a></p>", "https://x.example\n"),
        ("<pre>a\n  b</pre>", "    a\n      b\n"),
        ("<head><title>no</title><style>no</style></head><p>yes</p>", "yes\n"),
        ("<div><p>a</p>loose<p>b</p></div>", "a\n\nloose\n\nb\n"),
        ("", "\n"),
    ],
)  # fmt: skip
def test_what_each_thing_becomes(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_a_table_becomes_columns_and_a_frame_is_only_layout() -> None:
    html = (
        "<table class='frame'><tr><td><p>Before</p>"
        "<table><tr><th>Field</th><th>Old</th></tr><tr><td>name</td><td>Pavlova</td></tr></table>"
        "<p>After</p></td></tr></table>"
    )
    assert plain_text(html) == "Before\n\nField  Old\nname   Pavlova\n\nAfter\n"


def test_a_table_that_is_too_wide_becomes_lines() -> None:
    wide = "long words " * 9
    html = f"<table><tr><th>A</th><th>B</th></tr><tr><td>{wide}</td><td>2</td></tr></table>"
    assert plain_text(html) == f"A: {wide.strip()}\nB: 2\n"


def test_lines_are_no_longer_than_mail_readers_like() -> None:
    text = plain_text(f"<p>{'many words ' * 50}</p><ul><li>{'more ' * 50}</li></ul>")
    assert max(map(len, text.split("\n"))) <= WIDTH
    assert "\n  more" in text
