"""What is said of each stage of a step in slow motion: a title, two sentences, the formula.

Words and formulas have marks for slow_view.js: {z:μ} is μ in the colour of z; x, z, d, r, b stand for data,
latent code, distortion, rate and beta; {sub:i} and {sup:2} are small. Pure; knows nothing of Streamlit.
"""

from collections.abc import Mapping
from typing import Any

Stage = dict[str, str]

GAUSSIAN = "{d:D} = Σ [({x:x} − {x:x̂}){sup:2} / 2s{sup:2} + ½ log 2πs{sup:2}]"
DISTORTIONS = {
    "bernoulli": "{d:D} = −Σ [{x:x} log {x:x̂} + (1 − {x:x}) log (1 − {x:x̂})]",
    "continuous_bernoulli": "{d:D} = −Σ [{x:x} ℓ − log ((e{sup:ℓ} − 1) / ℓ)]",
    "gaussian": GAUSSIAN,
    "gaussian_shared": GAUSSIAN,
    "gaussian_pixel": GAUSSIAN,
    "laplace": "{d:D} = Σ [|{x:x} − {x:x̂}| / s + log 2s]",
}
SAYS = {
    "bernoulli": "for each pixel the probability x̂ that it is white",
    "continuous_bernoulli": "for each pixel a number ℓ, and from it the mean x̂",
    "gaussian": "for each pixel the mean x̂ of a bell curve",
    "gaussian_shared": "for each pixel the mean x̂ of a bell curve; one width s for all is learned as well",
    "gaussian_pixel": "for each pixel the mean x̂ of a bell curve and its width s",
    "laplace": "for each pixel the middle x̂ of a pointed curve",
}
DECODES = {
    "bernoulli": "{x:x̂} = sigmoid(decoder({z:z}))",
    "continuous_bernoulli": "ℓ = decoder({z:z})",
    "gaussian_pixel": "({x:x̂}, log s{sup:2}) = decoder({z:z})",
}


def stages(report: Mapping[str, Any]) -> list[Stage]:
    """One for each stage of a step (slow_report.described): id, title, text, formula."""
    is_ae = report["kind"] == "ae"
    made = [
        _pictures(report),
        _encode(report, is_ae),
        _spread(is_ae),
        _noise(is_ae),
        _code(is_ae),
        _decode(report),
        _distortion(report),
        _rate(is_ae),
        _loss(report),
        _gradients(report, is_ae),
        _update(report),
    ]
    return [dict(zip(("id", "title", "text", "formula"), stage)) for stage in made]


Told = tuple[str, str, str, str]


def _pictures(report: Mapping[str, Any]) -> Told:
    channels, height, width = report["shape"]
    text = (
        f"A step learns from {report['batch']} pictures, a batch, drawn in an order that is shuffled "
        "anew in each epoch. Follow one of them."
    )
    if report["parts"] > 1:
        text += f" This step gathers {report['parts']} batches; the first is shown."
    return "pictures", "A batch of pictures", text, f"{{x:x}} ∈ [0, 1]{{sup:{channels * height * width}}}"


def _encode(report: Mapping[str, Any], is_ae: bool) -> Told:
    latent = len(report["mu"][0])
    dimensions = "the one latent dimension" if latent == 1 else f"each of the {latent} latent dimensions"
    count = "one number" if is_ae else "two numbers"
    looks = "Convolutions look for patterns" if report["net"] == "conv" else "Each layer weighs and adds"
    text = (
        f"The encoder turns the picture, less the mean of all, into {count} for {dimensions}. "
        f"{looks}, then bends the result; violet is above 0, gold below."
    )
    formula = "{z:μ} = encoder({x:x})" if is_ae else "({z:μ}, {z:log σ}{sup:2}) = encoder({x:x})"
    return "encode", "Encode", text, formula


def _spread(is_ae: bool) -> Told:
    if is_ae:
        text = (
            "In a plain autoencoder a picture is one point, μ. A VAE would also say here how wide a cloud "
            "lies around it."
        )
        return "spread", "μ, and no σ", text, "{z:z} = {z:μ}"
    text = (
        "A picture is not a point but a cloud: around μ, as wide as σ. Grey is the prior N(0, 1); "
        "a dimension whose curve lies on it says nothing about this picture."
    )
    return "spread", "μ and σ", text, "q({z:z} | {x:x}) = N({z:μ}, {z:σ}{sup:2})"


def _noise(is_ae: bool) -> Told:
    if is_ae:
        text = (
            "Here a VAE draws noise; a plain autoencoder draws none. So nothing fills the gaps between "
            "its codes."
        )
        return "noise", "No ε", text, "ε = 0"
    text = (
        "For each dimension a number is drawn from the standard normal distribution. The seed and the step's "
        "number settle which, so the step can be repeated exactly."
    )
    return "noise", "Draw ε", text, "ε ~ N(0, I)"


def _code(is_ae: bool) -> Told:
    if is_ae:
        text = (
            "The code is the point itself. Other pictures of the batch are grey, the prior's rings tell "
            "the scale."
        )
        return "code", "The code z", text, "{z:z} = {z:μ}"
    text = (
        "Noise, made as wide as σ and moved to μ, is a point of this picture's cloud. Written like this, "
        "gradients get past the dice, through μ and σ: the reparameterisation trick."
    )
    return "code", "The code z", text, "{z:z} = {z:μ} + {z:σ} · ε"


def _decode(report: Mapping[str, Any]) -> Told:
    kind = report["likelihood"]
    text = f"The decoder makes a picture of the code alone. It says {SAYS[kind]}."
    return "decode", "Decode", text, DECODES.get(kind, "{x:x̂} = decoder({z:z})")


def _distortion(report: Mapping[str, Any]) -> Told:
    kind = report["likelihood"]
    text = "How much each pixel of the picture surprises the decoder, in nats; the sum is the distortion D."
    if kind == "bernoulli":
        text += " Our code computes it from what stands before the sigmoid; the number is the same."
    else:
        text += " These are densities, so that a pixel, and D, can be negative."
    return "distortion", "Distortion", text, "{d:D} = −log p({x:x} | {z:z})\n" + DISTORTIONS[kind]


def _rate(is_ae: bool) -> Told:
    if is_ae:
        text = (
            "A code without noise would take endlessly many nats. Reported instead is how far from 0 it "
            "lies; training takes no notice of it."
        )
        return "rate", "Rate", text, "{r:R} = ½ Σ {z:μ}{sup:2}"
    text = (
        "How far the cloud is from the prior, in nats: what it takes to tell somebody this code. "
        "Each dimension has its share; one at 0 is not used for this picture."
    )
    formula = "{r:R} = ½ Σ ({z:μ}{sup:2} + {z:σ}{sup:2} − log {z:σ}{sup:2} − 1)"
    return "rate", "Rate", text, "{r:R} = KL(q({z:z} | {x:x}) ‖ p({z:z}))\n" + formula


def _loss(report: Mapping[str, Any]) -> Told:
    text = "Both are added, the rate weighed by β. The mean over the batch is what this step makes smaller."
    formula = "L = {d:D} + {b:β} {r:R}"
    if report["kind"] == "multirate":
        text = (
            "One net for every β: each picture is weighed with another one, and large ones count less. "
            "The mean over the batch is what this step makes smaller."
        )
        formula = "L = ({d:D} + {b:β} {r:R}) / (1 + {b:β}){sup:¼}"
    elif report["kind"] == "ae":
        text = (
            "A plain autoencoder has the distortion alone; β is 0. The mean over the batch is made smaller."
        )
        formula = "L = {d:D}"
    elif report["kl"] == "free_bits":
        nats, group = report["free_bits"]
        who = "Each dimension pays for its" if group == 1 else f"Groups of {group} dimensions pay for their"
        text = f"{who} rate only above {nats:g} nats on average over the batch, as free bits ask."
        formula = f"L = {{d:D}} + {{b:β}} Σ max({nats:g}, {{r:R}}{{sub:g}})"
    elif report["kl"] == "capacity":
        text = "The rate is pulled to a capacity C, which grows over training; γ says how strongly."
        formula = "L = {d:D} + γ |{r:R} − C|"
    elif report["kl"] == "controlled":
        text = "Both are added; β follows the rate so that it comes to the one asked for. The mean counts."
    return "loss", "Loss", text, formula


def _gradients(report: Mapping[str, Any], is_ae: bool) -> Told:
    text = (
        "How would the loss change if a number grew a little? The answer is followed back from the loss "
        "to every weight."
    )
    if is_ae:
        text += " Only the distortion moves the code."
    else:
        end = "C, in the mean" if report["kl"] == "capacity" else "0"
        text += (
            f" At μ two pull: the distortion towards a picture that is more alike, the rate towards {end}."
        )
    formula = "∂L/∂w = ∂L/∂{x:x̂} · ∂{x:x̂}/∂{z:z} · ∂{z:z}/∂{z:μ} · ∂{z:μ}/∂w"
    return "gradients", "Gradients", text, formula


def _update(report: Mapping[str, Any]) -> Told:
    before, after = report["means"]["loss"], report["after"]["loss"]
    if after <= before:
        outcome = "The same batch with the same noise now costs less."
    else:
        outcome = "This batch costs more now: the step follows many batches, and the rate may be high."
    text = f"Adam moves each weight against its gradient, by the learning rate at most or so. {outcome}"
    return "update", "Update", text, "w ← w − lr · m̂ / (√v̂ + 10{sup:−8})"
