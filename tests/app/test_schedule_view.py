"""The small curves of beta and the learning rate before a training starts."""

import base64

import numpy as np
import pytest

from app.schedule_view import HEIGHT, WIDTH, points


def drawn(app):
    """The curves on the page by their kind, as points in [0, 1]."""
    (html,) = (one.proto.body for one in app.get("html") if "'schedules'" in one.proto.body)
    curves = {}
    for figure in html.split("<figcaption class='")[1:]:
        svg = base64.b64decode(figure.partition("base64,")[2].partition("'")[0]).decode()
        line = svg.partition("points='")[2].partition("'")[0]
        curves[figure.partition("'")[0]] = np.array([pair.split(",") for pair in line.split()], float)
    return html, curves


def test_a_line_by_hand():
    assert (
        points([0, 0.5, 1], [0, 1, 0.5]) == f"2.0,{HEIGHT - 2}.0 {WIDTH / 2},2.0 {WIDTH - 2}.0,{HEIGHT / 2}"
    )


def test_the_form_draws_its_schedules(visit):
    html, curves = drawn(visit("train"))
    beta, lr = curves["beta"], curves["lr"]
    assert "up to 0.1" in html  # the recipe of the digits: half the training warms up
    assert beta[0, 1] == HEIGHT - 2
    np.testing.assert_allclose(beta[beta[:, 0] > WIDTH / 2, 1], 2)
    assert lr[len(lr) // 4, 1] == 2
    assert lr[-1, 1] == HEIGHT - 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"objective.kl": "capacity", "objective.target_rate": 7.0}, "Target rate</b> up to 7 nats"),
        ({"objective.kl": "controlled"}, "from 0.1, then as the rate asks"),
        ({"training.lr_schedule": "plateau"}, "lowered on plateaus"),
        ({"model.kind": "multirate"}, "0.01 to 10"),
    ],
)
def test_what_a_curve_cannot_say_stands_beside_it(visit, changes, words):
    html, _ = drawn(visit("train", session={"changes": changes}))
    assert words in html


def test_a_plain_autoencoder_has_no_beta_to_draw(visit):
    _, curves = drawn(visit("train", session={"changes": {"model.kind": "ae"}}))
    assert set(curves) == {"lr"}
