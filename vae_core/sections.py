"""The settings of a run in four sections; `config` puts them together and reads them from files and forms."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Source = Literal[
    "digits", "shapes", "colour-shapes", "colour-shapes-64", "mnist", "fashion-mnist", "kmnist", "dsprites"
]
OWN = "own:"  # begins the source of imported pictures, `vae_core.data.library` gives them their ids
Width = Annotated[int, Field(ge=1, le=4096)]
Channels = Annotated[int, Field(ge=1, le=512)]


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
        description="Weight of the rate: larger gives a simpler, rounder map and blurrier pictures; 1 is the ELBO, a plain autoencoder always trains with 0, a controlled rate starts at it, and a multi-rate model opens at this one, or at the end of its range next to it.",
    )
    beta_low: float = Field(
        0.01,
        ge=1e-4,
        le=1000,
        description="Multi-rate: lower end of the dial; smaller reaches codes that say more, and leaves less training to the others. Controlled rate: the smallest beta it may use.",
    )
    beta_high: float = Field(
        10.0,
        ge=1e-4,
        le=1000,
        description="Multi-rate: upper end of the dial; larger reaches codes that say next to nothing, and leaves less training to the others. Controlled rate: the largest beta it may use.",
    )
    kl: Literal["linear", "constant", "cyclical", "sigmoid", "free_bits", "capacity", "controlled"] = Field(
        "linear",
        description="How the rate is weighed over the training: by beta at once (constant) or growing from 0, once (linear, sigmoid) or in cycles; free bits leave the first nats of a dimension unpunished; capacity and a controlled rate aim at a rate instead of a beta.",
    )
    warmup: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of training over which beta grows from 0; helps when dimensions die early.",
    )
    rise: float = Field(
        0.5,
        ge=0.01,
        le=1,
        description="Sigmoid: share of training over which beta grows; cyclical: share of each cycle; capacity: share of training over which the target rate grows from 0. Longer is gentler and leaves less time at the full weight.",
    )
    cycles: int = Field(
        4,
        ge=1,
        le=100,
        description="Cyclical: how often beta starts again from 0; each time dimensions that died may come back.",
    )
    free_bits: float = Field(
        0.5,
        ge=0,
        le=100,
        description="Free bits: what a group of dimensions may say about a picture, on average, at no cost; more keeps more of them alive and spends more rate.",
        json_schema_extra={"unit": "nats"},
    )
    free_group: int = Field(
        1,
        ge=1,
        le=128,
        description="Free bits: how many neighbouring dimensions share one allowance; 1 gives each its own and keeps all alive, larger groups may choose who speaks.",
        json_schema_extra={"unit": "dimensions"},
    )
    target_rate: float = Field(
        5.0,
        ge=0,
        le=1000,
        description="Capacity and controlled rate: the rate to arrive at; more gives sharper pictures and a map less like the prior.",
        json_schema_extra={"unit": "nats"},
    )
    pull: float = Field(
        100.0,
        ge=0,
        le=100_000,
        description="Capacity: weight γ of the distance between the rate and its target; smaller lets the rate stay away from it, much larger drowns the pictures.",
    )
    gain: float = Field(
        0.01,
        ge=1e-6,
        le=1,
        description="Controlled rate: by how much beta moves in a step for each nat that the rate is off; larger arrives sooner and swings about the target.",
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
        description="Highest learning rate of the schedule; too high diverges, too low crawls.",
    )
    lr_schedule: Literal["one_cycle", "constant", "cosine", "plateau"] = Field(
        "one_cycle",
        description="How the learning rate goes over the training: up and down to nothing (one cycle), down from the start (cosine), the same throughout, or lowered whenever the held-out loss no longer falls (plateau); those that end at nothing end best.",
    )
    plateau_patience: int = Field(
        3,
        ge=0,
        le=1000,
        description="Plateau: looks at the held-out pictures without a smaller loss before the learning rate is lowered; fewer lower it at chance.",
        json_schema_extra={"unit": "epochs"},
    )
    plateau_factor: float = Field(
        0.5,
        ge=0.01,
        le=0.99,
        description="Plateau: what the learning rate is multiplied by; smaller settles sooner and learns less afterwards.",
    )
    adam_beta2: float = Field(
        0.95,
        ge=0.5,
        le=0.9999,
        description="How long Adam remembers squared gradients; short runs want it short.",
    )
    clip: float = Field(
        0.0,
        ge=0,
        le=1e6,
        description="Longest gradient of all weights together; a longer one is shortened, which tames steps that would wreck the training. 0 leaves all as they are.",
        json_schema_extra={"unit": "nats"},
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        description="By what share of the learning rate the weights of layers shrink in each step; helps few pictures to be learned by heart less. Biases and norms are left alone.",
    )
    accumulate: int = Field(
        1,
        ge=1,
        le=64,
        description="Batches whose gradients make one step together: as a batch so many times larger, in the memory of one.",
        json_schema_extra={"unit": "batches"},
    )
    average: float = Field(
        0.0,
        ge=0,
        le=0.9999,
        description="How long the average of the weights remembers, which is then looked at and kept in place of the last ones; 0.99 calms a constant learning rate, 0 keeps the last.",
    )
    patience: int = Field(
        0,
        ge=0,
        le=1000,
        description="Ends the training after so many looks at the held-out pictures without a smaller loss; 0 trains to the end.",
        json_schema_extra={"unit": "epochs"},
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
