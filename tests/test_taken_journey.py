"""A path's pictures are those of the beta that is asked for, in codes and decoder alike."""

import numpy as np

from vae_core import latent, ways
from vae_core.models import at_beta, stored_model
from vae_core.run import Run
from vae_core.settings import STARTERS
from vae_core.taking import journey


def test_a_journey_is_of_the_beta_asked_for():
    run, way, beta = Run(STARTERS / "shapes-every-beta", starter=True), ways.read("3~11"), 4.0
    found = journey.travelled(run, way, 5, beta)
    assert np.array_equal(found.codes, ways.frames(run, way, 5, beta).codes)
    np.testing.assert_allclose(found.stops[[0, -1]], found.codes[[0, -1]], atol=1e-6)
    expected = latent.decode(at_beta(stored_model(run), beta), found.codes)
    own = latent.decode(at_beta(stored_model(run), run.config.beta), found.codes)
    shown = found.decode(found.codes)
    np.testing.assert_allclose(shown, np.clip(expected, 0, 1), atol=2e-3)
    assert np.abs(shown - own).max() > 0.05
