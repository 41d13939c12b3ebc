from autopack.core.words import stems


def test_identifiers_are_split_and_kept_whole():
    assert list(stems("parseHTTPUrls")) == ["pars", "http", "url", "parsehttpurls"]
    assert list(stems("streaming_headers")) == ["stream", "header", "streaming_headers"]


def test_endings_do_not_keep_words_apart():
    assert len({word for text in ("cookie", "cookies") for word in stems(text)}) == 1
    assert len({word for text in ("copy", "copies") for word in stems(text)}) == 1
