"""The page of the API's documentation: all that the OpenAPI document has, and nothing from elsewhere."""

import json
import re
import shlex
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest

from support.server import DEVELOPMENT, PRODUCTION, Server

pytestmark = pytest.mark.database_plays_no_part

# Elements without an end, of those that the page may have.
VOID = {"meta", "link"}


class Page(HTMLParser):
    """What a browser would make of it. The elements must be closed in order."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.open, self.examples = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes)
        self.elements.append((tag, dict(attributes)))
        if tag == "pre":
            self.examples.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if "pre" in self.open:
            self.examples[-1] += data

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def attributes(self, name):
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def operations(document):
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def is_told(text, page):
    """Whether a text is on the page, with its pieces of code."""
    return {piece.strip() for piece in text.split("`")} - {""} <= {text.strip() for text in page.texts}


def titles(document):
    """Code to title, of every refusal of every operation."""
    return {
        code: title
        for _, _, operation in operations(document).values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for code, title in re.findall(r"`(\w+)`: (.+?)(?=; `|$)", answer["description"])
    }


@pytest.fixture(scope="module", params=[DEVELOPMENT, PRODUCTION], ids=["development", "production"])
def served(request, tmp_path_factory):
    """The page, its answer and the OpenAPI document of the same server."""
    server = Server(tmp_path_factory.mktemp("docs"), base=request.param)
    try:
        client = server.client()
        answer = client.get("/docs")
        yield Page(answer.text), answer, client.get("/openapi.json").json()
        assert server.errors() == []
    finally:
        server.close()


def test_the_page_is_html_under_a_policy_that_allows_only_own_styles(served):
    _, answer, _ = served
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = dict(directive.strip().split(" ", 1) for directive in answer.headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["style-src"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert policy["script-src"] == "'self'"


def test_the_page_loads_only_what_the_policy_allows(served, client):
    page, _, _ = served
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "style", "img", "iframe", "object", "embed", "video", "audio", "form", "svg", "base"}
    assert not page.attributes("style") and not page.attributes("src") and not page.attributes("srcset")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    loaded = [attributes["href"] for tag, attributes in page.elements if tag == "link"]
    assert loaded
    for path in loaded:
        assert path.startswith("/static/")
        style = client.get(path)
        assert style.status_code == 200 and style.headers["Content-Type"].startswith("text/css")
        assert "url(" not in style.text and "@import" not in style.text


def test_every_link_leads_to_a_place_on_the_page_or_to_the_document(served):
    page, _, _ = served
    anchors = page.attributes("id")
    assert len(anchors) == len(set(anchors))
    links = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    assert {link for link in links if not link.startswith("#")} == {"/openapi.json"}
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(anchors)


def test_everything_of_the_document_is_on_the_page(served):
    page, _, document = served
    anchors = set(page.attributes("id"))
    assert document["info"]["version"] in page.text
    for name, (method, path, operation) in operations(document).items():
        assert name in anchors
        assert f"{method} {path}" in page.text
        assert {piece.strip() for piece in operation["summary"].split("`")} - {""} <= {text.strip() for text in page.texts}
        assert is_told(operation["description"], page)
        for parameter in operation.get("parameters", []):
            assert parameter["name"] in page.texts and is_told(parameter["description"], page)
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= anchors
    for schema in document["components"]["schemas"].values():
        assert set(schema.get("properties", {})) <= set(page.texts)
        for member in schema.get("properties", {}).values():
            assert is_told(member["description"], page)


def test_every_problem_code_stands_with_its_title(served):
    page, _, document = served
    anchors = set(page.attributes("id"))
    listed = {
        code
        for _, _, operation in operations(document).values()
        for answer in operation["responses"].values()
        if "application/problem+json" in answer.get("content", {})
        for code in answer["x-problem-codes"]
    }
    assert listed
    for code in listed | {"not_found", "method_not_allowed"}:
        assert any(anchor.startswith(f"problem-{code}-") for anchor in anchors)
    assert set(titles(document)) == listed
    assert set(titles(document).values()) <= set(page.texts)


def test_the_examples_are_calls_that_fit_the_document(served):
    page, _, document = served
    calls = list(operations(document).values())
    assert len(page.examples) == len(calls)
    called = set()
    for example in page.examples:
        words = shlex.split(example.replace("\\\n", " "))
        assert words.pop(0) == "curl"
        method = "GET"
        if words[0] == "-X":
            method = words[1]
            del words[:2]
        address = urlsplit(words.pop(0))
        assert f"{address.scheme}://{address.netloc}" == document["servers"][0]["url"]
        [(path, operation)] = [
            (path, operation)
            for other, path, operation in calls
            if other == method and re.sub(r"{(\w+)}", lambda name: name.group(1).upper(), path) == (address.path or "/")
        ]
        called.add((method, path))
        headers = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
        credential = "ACCESS_TOKEN" if {"session": []} in operation["security"] else "API_KEY"
        assert (f"Authorization: Bearer ${credential}" in headers) == bool(operation["security"])
        given = dict(parse_qsl(address.query))
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                assert (parameter["name"] in given) == parameter["required"]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/x-ndjson" in content:
            assert "Content-Type: application/x-ndjson" in headers
            assert words[words.index("--data-binary") + 1] == "@FILE"
        elif set(content) == {"application/x-www-form-urlencoded"}:
            # The form of a page, whose hidden token no example has.
            pass
        elif content:
            assert "Content-Type: application/json" in headers
            name = content["application/json"]["schema"]["$ref"].rsplit("/")[-1]
            jsonschema.validate(json.loads(words[words.index("-d") + 1]), document["components"]["schemas"][name])
        else:
            assert "-d" not in words
    assert called == {(method, path) for method, path, _ in calls}


def test_the_first_example_registers_a_person(start):
    server = start()
    client = server.client()
    page = Page(client.get("/docs").text)
    example = next(example for example in page.examples if "/register" in example)
    words = shlex.split(example.replace("\\\n", " "))
    body = json.loads(words[words.index("-d") + 1])
    assert client.post("/register", json=body).status_code == 201


def test_the_name_of_the_installation_is_text_whatever_it_is(start):
    server = start(APP_NAME="""<b x="y">Toko & 'Co'</b>""")
    answer = server.client().get("/docs")
    assert "<b x" not in answer.text
    assert """API of <b x="y">Toko & 'Co'</b>""" in Page(answer.text).text
