"""Kuzushiji-MNIST: ten hiragana in cursive hands of old Japanese books, in the four files of MNIST's form."""

from vae_core.data import mnist
from vae_core.data.dataset import SourceInfo

KMNIST = SourceInfo(
    name="kmnist",
    title="Kuzushiji-MNIST",
    blurb="70,000 hiragana in cursive handwriting, 28×28 pixels; one sign may be written in several ways.",
    source="CODH: Clanuwat et al. (2018), adapted from the Kuzushiji Dataset of NIJL and others",
    licence="CC BY-SA 4.0",
    count=70_000,
    shape=(1, 28, 28),
    classes=("o お", "ki き", "su す", "tsu つ", "na な", "ha は", "ma ま", "ya や", "re れ", "wo を"),
    load=mnist.load,
    files=mnist.files_at(
        (
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ),
        (18_165_135, 29_497, 3_041_136, 5_120),
        (
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    ),
)
