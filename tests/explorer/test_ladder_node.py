"""The runtime draws a ladder's members as they draw themselves."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from ladders import BETAS, trained_ladder

from vae_core.explorer import bundle
from vae_core.explorer.build import WEB
from vae_core.ladder_bundle import pack
from vae_core.models import rebuild

MEMBERS = Path(__file__).parent / "js" / "ladder_members.mjs"
THERE = [0, 2, 3]
NETS = {"mlp": {}, "conv": {"model__net": "conv", "model__channels": (4,), "model__blocks": 1}}


@pytest.fixture(scope="module", params=NETS)
def ladder(request, tmp_path_factory):
    return trained_ladder(tmp_path_factory.mktemp("ladder"), model__latent=3, **NETS[request.param])


def asked(node, data, betas, z):
    text = base64.b64encode(data).decode()
    question = json.dumps(
        {"web": str(WEB), "whole": text, "betas": betas, "z": [part.tolist() for part in z]}
    )
    done = subprocess.run([node, str(MEMBERS)], input=question, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_pictures_at_turned_codes_are_those_of_the_member_itself(ladder, node):
    store, made = ladder
    data = pack(store, made)
    rungs = bundle.read(data)[1]["ladder.mu"]
    found = asked(node, data, [BETAS[place] for place in THERE], [rung[:20] for rung in rungs])
    assert [one["member"] for one in found] == THERE
    for one, place in zip(found, THERE):
        run = store.runs.get(made.members[place].run)
        model = rebuild(run.config.model, run.weights())
        with torch.no_grad():
            own = model.decode(torch.from_numpy(run.latents()[0][:20])).mean.flatten(1).numpy()
        assert np.abs(np.array(one["pictures"]).reshape(own.shape) - own).max() < 5e-6


def test_between_members_the_nearest_by_ratio_is_asked_and_gaps_are_not(ladder, node):
    data = pack(*ladder)
    betas = [0.001, 0.2, 0.25, 0.5, 1.9, 2.1, 100.0]  # the middles are at 0.22 and 2
    found = asked(node, data, betas, [np.zeros((1, 3))] * len(betas))
    assert [one["member"] for one in found] == [0, 0, 2, 2, 2, 3, 3]
