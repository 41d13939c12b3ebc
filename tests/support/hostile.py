"""Texts as a model or a command might write them to become more than text, and a page as a browser finds it."""

import re
from html.parser import HTMLParser

HOSTILE = [
    "<script>alert(1)</script>",
    "</style></pre><script src=//x.y></script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;script&gt; &amp; &#60;b>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "NUL\0 and half \ud800 a character \u2028 line",
    "| a | b |\n|---|---|\n# heading\n```\n~~~\n[l](javascript:x) ![i](//x.y/z.png) <b> `code` @someone",
    "<!-- comment --> --> <![CDATA[ x ]]>",
    "x" * 10_000_000,
]

ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]")


class Page(HTMLParser):
    """Every element and attribute, as a browser would find them; a tag that closes another one than the open one is a failure."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
