"""The settings of a run in four sections; `config` puts them together and reads them from files and forms."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Source = Literal[
    "digits", "shapes", "colour-shapes", "colour-shapes-64", "mnist", "fashion-mnist", "kmnist", "dsprites"
]
OWN = "own:"  # begins the source of imported pictures, `vae_core.data.library` gives them their ids
Width = Annotated[int, Field(ge=1, le=4096)]
Channels = Annotated[int, Field(ge=1, le=512)]

NAMES = {  # of choices, as a person reads them
    "vae": "Variational autoencoder",
    "ae": "Plain autoencoder",
    "multirate": "Multi-rate: one model for every β",
    "mlp": "MLP",
    "conv": "Convolutional",
    "none": "None",
    "batch": "Batch norm",
    "layer": "Layer norm",
    "group": "Group norm",
    "upsample": "Upsampling",
    "transposed": "Transposed convolution",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "silu": "SiLU",
    "gelu": "GELU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
    "bernoulli": "Bernoulli",
    "gaussian": "Gaussian, fixed σ",
    "continuous_bernoulli": "Continuous Bernoulli",
    "gaussian_shared": "Gaussian, one learned σ",
    "gaussian_pixel": "Gaussian, learned σ a pixel",
    "laplace": "Laplace",
}


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())


class DataConfig(Section):
    source: str = Field(
        "digits",
        pattern=f"^({'|'.join(get_args(Source))}|{OWN}[0-9a-f]{{16}})$",
        description="The pictures to learn from.",
        json_schema_extra={"choices": list(get_args(Source))},
    )
    limit: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Use at most this many pictures, chosen by the split seed; 0 uses all.",
    )
    test_share: float = Field(
        0.2,
        ge=0.01,
        le=0.5,
        description="Share of the pictures held out for the map and the figures, where the source has no split of its own.",
    )
    split_seed: int = Field(0, ge=0, le=2**31 - 1, description="Another number holds out other pictures.")
    map_points: int = Field(
        2_000,
        ge=100,
        le=100_000,
        description="Pictures on the finished map; above 2000 all held-out ones come on it and then training ones, which takes longer to open.",
    )


class ModelConfig(Section):
    kind: Literal["vae", "ae", "multirate"] = Field(
        "vae",
        description="A VAE spreads each picture over a region of z, so that the map fills up; a plain autoencoder (ae) gives it one point and ignores beta; multirate learns every beta of a range at once, to be dialled afterwards, in the time of 1.5 trainings with up to two latent dimensions and of 2.5 with more.",
    )
    net: Literal["mlp", "conv"] = Field(
        "mlp",
        description="An MLP is fast on small pictures; convolutions need fewer weights and draw larger and colour pictures better, each step takes longer.",
    )
    hidden: tuple[Width, ...] = Field(
        (512, 128),
        max_length=6,
        description="MLP: widths of the encoder's hidden layers, mirrored in the decoder; wider ones fit more and train slower, none makes a linear VAE.",
        json_schema_extra={"example": "128, 64"},
    )
    tied: bool = Field(
        False,
        description="MLP: the decoder uses the encoder's weights transposed; half as many to learn, and a slightly worse fit.",
    )
    channels: tuple[Channels, ...] = Field(
        (16, 32, 64),
        min_length=1,
        max_length=6,
        description="Conv: channels after each halving of the picture; more halvings see larger parts of it, more channels fit more and train slower.",
        json_schema_extra={"example": "16, 32, 64"},
    )
    blocks: int = Field(
        0,
        ge=0,
        le=4,
        description="Conv: residual blocks after each halving, mirrored in the decoder; more fit finer detail and train slower.",
    )
    dense: int = Field(
        128,
        ge=0,
        le=4096,
        description="Conv: width of the layer between convolutions and z; wider fits more, 0 leaves it out.",
    )
    up: Literal["upsample", "transposed"] = Field(
        "transposed",
        description="Conv: how the decoder doubles its size; upsampling draws smoother pictures, transposed convolution is faster and may leave a checkerboard.",
    )
    norm: Literal["none", "batch", "layer", "group"] = Field(
        "none",
        description="Brings each layer's values to one scale before its bend; helps deep nets and high learning rates, and makes a step slower.",
    )
    latent: int = Field(
        2, ge=1, le=128, description="Number of latent dimensions; two can be seen whole, more can hold more."
    )
    activation: Literal["relu", "leaky_relu", "silu", "gelu", "tanh", "sigmoid", "softplus"] = Field(
        "silu",
        description="The bend between layers; SiLU trains fastest here, Tanh draws the smoothest maps.",
    )
    likelihood: Literal[
        "bernoulli", "gaussian", "continuous_bernoulli", "gaussian_shared", "gaussian_pixel", "laplace"
    ] = Field(
        "bernoulli",
        description="How a picture scatters around the decoder's output: Bernoulli suits pixels near black or white, the others any grey; gaussian_shared learns its scale, gaussian_pixel one for each pixel.",
    )
    sigma: float = Field(
        0.1,
        ge=0.001,
        le=100,
        description="Scale of the Gaussian (its standard deviation) or Laplace likelihood in pixel units (white = 1); smaller asks for sharper pictures.",
    )


class ObjectiveConfig(Section):
    beta: float = Field(
        1.0,
        ge=0,
        le=1000,
        description="Weight of the rate: larger gives a simpler, rounder map and blurrier pictures; 1 is the ELBO, a plain autoencoder always trains with 0, and a multi-rate model opens at this one, or at the end of its range next to it.",
    )
    beta_low: float = Field(
        0.01,
        ge=1e-4,
        le=1000,
        description="Multi-rate: lower end of the dial; smaller reaches codes that say more, and leaves less training to the others.",
    )
    beta_high: float = Field(
        10.0,
        ge=1e-4,
        le=1000,
        description="Multi-rate: upper end of the dial; larger reaches codes that say next to nothing, and leaves less training to the others.",
    )
    warmup: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of training over which beta grows from 0; helps when dimensions die early.",
    )


class TrainingConfig(Section):
    epochs: float = Field(
        5.0,
        gt=0,
        le=10_000,
        description="Passes over the training pictures, parts of one allowed; more gives sharper pictures and takes longer.",
        json_schema_extra={"unit": "epochs"},
    )
    batch: int = Field(
        128,
        ge=1,
        le=8192,
        description="Pictures per step; smaller learns more per picture, larger is faster per picture.",
    )
    lr: float = Field(
        0.006,
        ge=1e-6,
        le=1,
        description="Highest learning rate of the one-cycle schedule; too high diverges, too low crawls.",
    )
    adam_beta2: float = Field(
        0.95,
        ge=0.5,
        le=0.9999,
        description="How long Adam remembers squared gradients; short runs want it short.",
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, description="Another number gives other initial weights, batches and noise."
    )
    threads: int = Field(
        1,
        ge=1,
        le=64,
        description="Processor cores of one training; part of the run, since sums depend on it in the last bit.",
        json_schema_extra={"unit": "cores"},
    )
    checkpoint_seconds: float = Field(
        5.0,
        ge=0,
        le=3600,
        description="A crash loses at most about this much work; 0 saves as often as it can.",
        json_schema_extra={"unit": "s"},
    )
