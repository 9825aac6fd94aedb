"""MNIST and Fashion-MNIST: the same four gzip files each, 60,000 pictures to train on and 10,000 held out."""

import numpy as np

from vae_core.config import DataConfig
from vae_core.data import files, idx
from vae_core.data.dataset import Dataset, Progress, SourceInfo, fingerprint, keep_split
from vae_core.data.files import RemoteFile
from vae_core.errors import DataMissingError

NAMES = (  # and their order in SourceInfo.files
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def load(info: SourceInfo, config: DataConfig, progress: Progress | None = None) -> Dataset:
    """(70000, 1, 28, 28) uint8, the authors' training pictures first. Files are verified before use."""
    paths = []
    for file in info.files:
        path = files.find(info.name, file.name)
        if path is None:
            raise DataMissingError(f"{file.name} of {info.title} is missing; download the data set again.")
        files.verify(path, file)
        paths.append(path)
    tell = progress or (lambda done, total: None)
    train_images, train_labels = idx.read_pair(paths[0], paths[1], len(info.classes))
    tell(len(train_images), info.count)
    test_images, test_labels = idx.read_pair(paths[2], paths[3], len(info.classes))
    tell(info.count, info.count)
    images = np.concatenate([train_images, test_images])[:, None]  # (N, 1, 28, 28)
    labels = np.concatenate([train_labels, test_labels])
    split = keep_split(info.title, len(train_images), len(test_images), config)
    return info.dataset(images, labels, split, fingerprint(images, labels))


def files_at(
    folders: tuple[str, ...], sizes: tuple[int, ...], checksums: tuple[str, ...]
) -> tuple[RemoteFile, ...]:
    """The four files with their sizes in bytes and sha256, below any of these addresses."""
    return tuple(
        RemoteFile(name, size, checksum, tuple(folder + name for folder in folders))
        for name, size, checksum in zip(NAMES, sizes, checksums)
    )


MNIST = SourceInfo(
    name="mnist",
    title="MNIST",
    blurb="70,000 handwritten digits of 28×28 pixels, the classic.",
    source="LeCun, Cortes and Burges, The MNIST database of handwritten digits",
    licence="CC BY-SA 3.0",
    count=70_000,
    shape=(1, 28, 28),
    classes=tuple("0123456789"),
    load=load,
    files=files_at(
        (
            "http://yann.lecun.com/exdb/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        (9_912_422, 28_881, 1_648_877, 4_542),
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
)

FASHION_MNIST = SourceInfo(
    name="fashion-mnist",
    title="Fashion-MNIST",
    blurb="70,000 photographs of clothes, 28×28 pixels: harder than digits, and good to walk through.",
    source="Zalando SE: Xiao, Rasul and Vollgraf, Fashion-MNIST (2017)",
    licence="MIT",
    count=70_000,
    shape=(1, 28, 28),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    load=load,
    files=files_at(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        (26_421_880, 29_515, 4_422_102, 5_148),
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
)
