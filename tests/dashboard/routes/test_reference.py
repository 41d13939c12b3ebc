import re

from autopack.dashboard.reference_page import reference_page


def test_the_document_names_every_route_and_what_each_may_be_refused_with(shop, get):
    told = get("/openapi.json")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json")
    document = told.json()
    assert document["openapi"].startswith("3.")
    for path, verbs in document["paths"].items():
        for route in verbs.values():
            assert route["description"], path
            assert route["responses"]["200"]["description"], path
            if path not in ("/health", "/api/auth/.well-known/jwks.json"):
                assert "401" in route["responses"], path
            is_known = "401" in route["responses"] and path != "/api/auth/session"
            assert ({"bearer": []} in route.get("security", [])) or not is_known, path
    schemes = document["components"]["securitySchemes"]
    assert {name: (one["type"], one.get("scheme"), one.get("in")) for name, one in schemes.items()} == {
        "bearer": ("http", "bearer", None),
        "cookie": ("apiKey", None, "cookie"),
    }


def test_the_page_says_the_same_and_loads_nothing_but_the_look_of_our_pages(shop, get):
    told = get("/docs")
    assert (told.status_code, told.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for path in shop.app.openapi()["paths"]:
        assert f"{path}</code></h2>" in told.text
    assert re.findall(r"<(?:script|img|iframe)|https?://", told.text) == []
    assert re.findall(r'<link [^>]*href="([^"]*)"', told.text) == ["/page/icon.svg", "/page/report.css"]
    assert set(re.findall(r'href="#(\w+)"', told.text)) <= set(re.findall(r'id="(\w+)"', told.text))


def test_words_of_the_document_are_text_on_the_page():
    schema = {"<b>": {"description": "<script>alert(1)</script> ``code``", "properties": {"<i>": {"type": "string"}}}}
    page = reference_page({"info": {"title": "<T>", "version": "1"}, "paths": {}, "components": {"schemas": schema}})
    assert "<script>" not in page
    assert "<code>code</code>" in page
    assert "<i>" not in page
