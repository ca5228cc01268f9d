"""Lines that belong to the page are set aside; ordinary prose never is; nothing is deleted."""

import pytest
from conftest import SEEDS
from hypothesis import given
from support.nasty import texts
from support.parsing import parse_file

from qa.sources.formats import boilerplate
from qa.types.articles import SetAside


def aside(text: str) -> list[tuple[str, str]]:
    return [(place.rule, text[place.start : place.end]) for place in boilerplate.find(text)]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("navigation", "Home | Politics | Sport | Weather"),
        ("navigation", "Front page · Opinion · Letters · Archive"),
        ("navigation", "Home » World » Asia"),
        ("date line", "Last updated: Monday, 3 May 2019 at 10:15 GMT"),
        ("date line", "Published on 12 March 2011"),
        ("date line", "Posted: 2020-02-29"),
        ("date line", "First published 7 Jan 2003"),
        ("comment form", "Leave a reply"),
        ("comment form", "Post your comment below; your name will be shown."),
        ("comment form", "Comments are closed."),
        ("comment form", "Your email address will not be published."),
        ("comment form", "Please log in to comment"),
        ("disclaimer", "© 2014 The Daily Example"),
        ("disclaimer", "Copyright 1998 Example Press. All rights reserved."),
        ("disclaimer", "The Gazette is not responsible for the content of outside pages."),
        ("cookie notice", "This site uses cookies to remember you."),
        ("cookie notice", "We and our partners store and access cookies on your device. Manage preferences"),
        ("cookie notice", "By clicking “Accept all” you agree to our use of cookies."),
        ("cookie notice", "Diese Website verwendet Cookies."),
        (
            "paywall",
            "You have reached your limit of 3 free articles this month. Subscribe now for just $1 a week to continue reading.",
        ),
        ("paywall", "You’ve read two of your five free stories."),
        ("paywall", "Already a subscriber? Log in"),
        ("paywall", "Subscribe to continue reading."),
        ("paywall", "Please sign in or register to read the rest of it."),
        ("paywall", "To continue reading, create an account."),
        ("paywall", "This article is only available to paying subscribers."),
        ("paywall", "Start your free trial"),
        ("paywall", "Get unlimited access for €2 a month. Cancel anytime."),
        ("paywall", "Dieser Text ist nur für Abonnenten."),
        ("paywall", "Cet article est réservé aux abonnés."),
        ("paywall", "Il vous reste 75% de cet article à lire."),
        ("paywall", "この記事は有料会員限定です。残り1,234文字"),
        ("newsletter", "Sign up for our daily newsletter."),
        ("newsletter", "Get the best of the bay straight to your inbox. Every Friday."),
        ("newsletter", "Enter your email address"),
        ("newsletter", "Thanks for signing up!"),
        ("disclaimer", "Terms of use and privacy notice"),
        ("call to action", "Watch the full video here"),
        ("call to action", "Listen to the podcast"),
        ("call to action", "Share this on Facebook"),
        ("call to action", "Read more"),
        ("call to action", "Related: Ten bridges that fell"),
        ("call to action", "Subscribe to our newsletter"),
        ("call to action", "Advertisement"),
        ("call to action", "Skip to main content"),
    ],
)
def test_a_line_of_the_page_is_set_aside_by_the_rule_that_names_it(rule: str, line: str) -> None:
    text = f"The bridge fell at noon.\n\n  {line}\t\r\nNobody was hurt."
    assert aside(text) == [(rule, line)]


@pytest.mark.parametrize(
    "line",
    [
        "The minister had no comments on the report.",
        "Her comments on the wall were printed in full.",
        "People gathered to watch the launch of the rocket.",
        "Watch the sky tonight, the astronomers said, and you will see it.",
        "Published in 1999, the novel sold forty copies.",
        "Posted to Berlin in 1988, she saw the wall come down.",
        "The updated plan was approved on 3 May 2019.",
        "| Year | Bridges built by the state | Cost. |",
        "He wrote x | y | z, by which he meant that any of the three would do for the purpose.",
        "THE BRIDGE THAT FELL AT NOON",
        "The cookies were baked by the nuns and sold on Sundays.",
        "He is responsible for the content of the museum.",
        "The right of copyright was first written down in 1710.",
        "Share prices fell by a third in Tokyo.",
        "Back in Beijing, the guards followed us to the gate.",
        "In Paris, London, Rome and Madrid the shops stayed shut.",
        "She used the form of a letter to tell the story.",
        "Terms of the peace were signed in June.",
        "The paper gives its readers three free articles a month and then asks them to subscribe.",
        "Subscribers rose by a third after the paywall was built, the publisher said.",
        "She had reached the limit of her patience with the articles of the treaty.",
        "This article of the treaty is for the members of the union to change.",
        "Register offices in the north stayed shut, so that nobody could marry.",
        "Her newsletter goes to forty thousand inboxes every Friday.",
        "He joined the navy to continue the work of his father.",
        "The court found that sites may not set cookies before they are allowed to.",
        "Not a member of any party, she was asked to lead the council.",
        "By using cookies to follow people, the firm broke the law, the court found.",
        "Join the two ends and keep them together until the glue is dry.",
        "Start-ups begin with a trial of their product.",
        "Print was dying, he said, and with it the trade of his father.",
    ],
)
def test_ordinary_prose_stays(line: str) -> None:
    assert aside(f"The bridge fell at noon.\n\n{line}\n\nNobody was hurt.") == []


def test_a_markdown_table_of_sentences_stays() -> None:
    assert aside("| Bridge | Fate |\n|---|---|\n| The old one | It fell at noon in a storm. |\n") == []


def test_a_server_error_after_a_sentence_is_set_aside_and_the_sentence_stays() -> None:
    text = "It fell at noon. [an error occurred while processing this directive] Nobody was hurt."
    assert boilerplate.find(text) == [SetAside(17, 68, "server error")]
    assert text[17:68] == "[an error occurred while processing this directive]"


def test_an_image_name_glued_to_the_first_word_is_set_aside_without_the_word() -> None:
    text = "bridge-at-noon.PNGHere you see the pillars."
    assert aside(text) == [("image name", "bridge-at-noon.PNG")]


def test_a_menu_beside_a_navigation_bar_is_one_too_and_the_same_line_elsewhere_is_not() -> None:
    menu = "Africa Americas Europe Asia"
    assert aside(f"News | Sport | Weather\n{menu}") == [("navigation", "News | Sport | Weather"), ("navigation", menu)]
    assert aside(f"It fell at noon.\n{menu}") == []


def test_a_bar_inside_a_sentence_of_many_words_is_no_navigation() -> None:
    assert aside("She chose | because she had to | the longer of the two roads | and walked it") == []


@given(texts())
def test_places_are_in_order_apart_and_inside_the_text(text: str) -> None:
    at = 0
    for place in boilerplate.find(text):
        assert at <= place.start < place.end <= len(text)
        at = place.end


SEED_FACTS = [
    ("000_93b197122659e60d.txt", "44 North Koreans Storm Canadian Embassy in Beijing", None),
    ("001_dd0412be176635a6.txt", "Refugees storm Beijing consulate", "2004-10-15T06:39+00:00"),
    (
        "002_981700abeeedd5fd.txt",
        "Japanese TV Interviews Two of the North Korean Border Guards Who Deserted at Hoeryong",
        None,
    ),
]


@pytest.mark.parametrize(("name", "title", "published"), SEED_FACTS)
def test_the_seeds_have_their_titles_dates_and_exact_bytes(name: str, title: str, published: str | None) -> None:
    (draft,) = parse_file(SEEDS / name)
    assert (draft.title, draft.published) == (title, published)
    assert draft.text.encode() == (SEEDS / name).read_bytes()


def test_the_page_around_the_second_seed_is_set_aside_and_named() -> None:
    (draft,) = parse_file(SEEDS / "001_dd0412be176635a6.txt")
    found = {draft.text[place.start : place.end]: place.rule for place in draft.set_aside}
    assert found["[an error occurred while processing this directive]"] == "server error"
    assert found["BBC News"] == "above the title"
    assert found["watch One-Minute World News"] == "call to action"
    assert found["Last Updated: Friday, 15 October, 2004, 06:39 GMT 07:39 UK"] == "date line"
    assert found["UK | Business | Entertainment | Science/Nature | Technology | Health"] == "navigation"
    assert found["Americas Africa Europe Middle East South Asia Asia Pacific"] == "navigation"
    assert found["The BBC is not responsible for the content of external internet sites"] == "disclaimer"


def test_what_the_seeds_have_to_say_is_not_set_aside() -> None:
    for name, kept in (
        ("000_93b197122659e60d.txt", "Several yellow hard hats and some shoes were strewn"),
        ("001_dd0412be176635a6.txt", "China treats North Koreans as illegal immigrants"),
        ("002_981700abeeedd5fd.txt", "Maybe not when this post was written"),
    ):
        (draft,) = parse_file(SEEDS / name)
        at = draft.text.index(kept)
        assert not any(place.start <= at < place.end for place in draft.set_aside)
