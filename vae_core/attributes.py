"""Directions in a latent space along which an attribute of the data grows, and what they are worth.

Two groups of encodings give two directions: the difference of their means, and Fisher's linear discriminant,
which looks away from what varies within the groups anyway. Needs no torch.
"""

from dataclasses import dataclass

import numpy as np

from vae_core.errors import PathError

FEWEST = 5  # examples in a group, one for each fold
FOLDS = 5
LARGE, SMALL = 0.8, 0.5  # of Cohen's d (Cohen 1988): large effects begin, medium ones begin
KNOWN = 0.6  # balanced accuracy, below which the latent space hardly knows the attribute
DIFFERENT = 0.5  # cosine between both directions, below which that is said
CONFOUNDED = 0.3  # Cramér's V of group and another label, above which that is said


@dataclass(frozen=True)
class Attribute:
    """From group `without` to group `having`, both directions in latent units: added once, a code has crossed
    from one group's mean to the other's as seen along the direction."""

    mean: np.ndarray  # (Z,) difference of the means
    lda: np.ndarray  # (Z,) along Fisher's discriminant, as far as the means are apart along it
    effect: float  # Cohen's d along the difference of means
    lda_effect: float  # along the discriminant, on the same examples
    accuracy: float  # balanced, of the discriminant on examples held out in turn
    cosine: float  # between the two directions
    sizes: tuple[int, int]  # without, having


def attribute(mu: np.ndarray, without: np.ndarray, having: np.ndarray, seed: int = 0) -> Attribute:
    """Of encodings mu (N, Z), rows of two groups. Raises PathError for groups that say nothing.

    The covariance within the groups is shrunk as Ledoit & Wolf (2004) do, since a group may have fewer
    examples than dimensions.
    """
    # Both take more than a second to import, which pages and commands without an attribute need not wait for.
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    without, having = np.unique(without), np.unique(having)
    _check(len(mu), without, having)
    codes = np.concatenate([mu[without], mu[having]]).astype(np.float64)
    group = np.repeat([0, 1], [len(without), len(having)])
    difference = codes[group == 1].mean(0) - codes[group == 0].mean(0)
    if not np.linalg.norm(difference) > 0:
        raise PathError("Both groups have the same mean, so there is no direction from one to the other.")
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=[0.5, 0.5])
    normal = analysis.fit(codes, group).coef_[0]
    unit = normal / np.linalg.norm(normal)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    right = cross_val_score(analysis, codes, group, cv=folds, scoring="balanced_accuracy")
    return Attribute(
        mean=difference.astype(np.float32),
        lda=(unit * (unit @ difference)).astype(np.float32),
        effect=cohens_d(codes[group == 0] @ difference, codes[group == 1] @ difference),
        lda_effect=cohens_d(codes[group == 0] @ unit, codes[group == 1] @ unit),
        accuracy=float(right.mean()),
        cosine=float(unit @ difference / np.linalg.norm(difference)),
        sizes=(len(without), len(having)),
    )


def cohens_d(low: np.ndarray, high: np.ndarray) -> float:
    """(mean of `high` - mean of `low`) by their pooled standard deviation (Cohen 1988, with n - 1)."""
    freedom = len(low) + len(high) - 2
    squares = ((low - low.mean()) ** 2).sum() + ((high - high.mean()) ** 2).sum()
    apart = high.mean() - low.mean()
    if squares <= 0:
        return float(np.sign(apart) * np.inf) if apart else 0.0
    return float(apart / np.sqrt(squares / freedom))


def association(group: np.ndarray, other: np.ndarray) -> float:
    """Cramér's V (1946) between two labellings (N,): 0 independent, 1 each says the other."""
    table = np.array(
        [[((group == g) & (other == o)).sum() for o in np.unique(other)] for g in np.unique(group)]
    )
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    fewer = min(table.shape) - 1
    if fewer == 0:
        return 0.0
    return float(np.sqrt(((table - expected) ** 2 / expected).sum() / table.sum() / fewer))


def remarks(found: Attribute, others: dict[str, float] | None = None) -> list[str]:
    """What a person should know before believing it; `others`: the groups' association with other labels."""
    notes = []
    if found.effect < SMALL:
        notes.append(
            f"The groups hardly differ: their means are {found.effect:.1f} standard deviations apart "
            f"(a large effect begins at {LARGE}). Expect little to change, or something else to."
        )
    if found.accuracy < KNOWN:
        notes.append(
            f"Held-out examples are told apart in {100 * found.accuracy:.0f} % of cases, and guessing gives "
            "50 %. The latent space hardly knows this attribute."
        )
    if found.cosine < DIFFERENT:
        notes.append(
            f"Difference of means and LDA point in different directions (cosine {found.cosine:.2f}): the "
            "groups also differ in what varies within each of them. LDA leaves that out."
        )
    for name, strength in sorted((others or {}).items(), key=lambda item: -item[1]):
        if strength > CONFOUNDED:
            notes.append(
                f"The groups also differ in {name} (Cramér's V {strength:.2f}); what changes may be that."
            )
    return notes


def without_part(direction: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(Z,) what of a direction is orthogonal to another one. Raises PathError where nothing is left."""
    other = np.asarray(other, np.float64)
    length = np.linalg.norm(other)
    left = direction - other * (direction @ other / length**2) if length > 0 else np.asarray(direction)
    if np.linalg.norm(left) <= 1e-6 * np.linalg.norm(direction):
        raise PathError("Both directions are the same, so nothing is left without the other.")
    return np.asarray(left, np.float32)


def analogy(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a - b + c of codes (Z,): what is to c as a is to b (Mikolov et al. 2013)."""
    return np.asarray(a - b + c, np.float32)


def _check(count: int, without: np.ndarray, having: np.ndarray) -> None:
    for rows in (without, having):
        if len(rows) < FEWEST:
            raise PathError(f"A group needs at least {FEWEST} examples, found {len(rows)}. Add some to it.")
        if rows[0] < 0 or rows[-1] >= count:
            raise PathError(f"A group names example {rows[-1]}, but there are {count}. Choose it anew.")
    both = len(np.intersect1d(without, having))
    if both:
        raise PathError(f"{both} examples are in both groups. An example can be in one of them only.")
