from tests.support.openapi import FILE, written


def test_the_copy_of_the_openapi_document_is_the_one_that_the_server_answers_with():
    assert FILE.read_text("utf-8") == written(), "docs/openapi.json is stale: python -m tests.support.openapi"
