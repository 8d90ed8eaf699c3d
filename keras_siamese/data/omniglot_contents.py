"""What a complete Omniglot holds: archives, alphabets and their numbers of characters."""

from dataclasses import dataclass

from keras_siamese.data.archives import Archive

NUM_DRAWERS = 20
IMAGE_SIZE = (105, 105)

_REPOSITORY = "https://github.com/brendenlake/omniglot/raw/master/python"

ALL_RUNS = Archive(
    "all_runs",
    f"{_REPOSITORY}/one-shot-classification/all_runs.zip",
    "e8996daecdf12afeeb4a53a179f06b19",
)


@dataclass(frozen=True)
class Subset:
    """One part of Omniglot.

    Attributes:
        archive: Where it is kept.
        num_characters: Number of characters per alphabet, by the alphabet's name.
    """

    archive: Archive
    num_characters: dict[str, int]


_BACKGROUND = {
    "Alphabet_of_the_Magi": 20,
    "Anglo-Saxon_Futhorc": 29,
    "Arcadian": 26,
    "Armenian": 41,
    "Asomtavruli_(Georgian)": 40,
    "Balinese": 24,
    "Bengali": 46,
    "Blackfoot_(Canadian_Aboriginal_Syllabics)": 14,
    "Braille": 26,
    "Burmese_(Myanmar)": 34,
    "Cyrillic": 33,
    "Early_Aramaic": 22,
    "Futurama": 26,
    "Grantha": 43,
    "Greek": 24,
    "Gujarati": 48,
    "Hebrew": 22,
    "Inuktitut_(Canadian_Aboriginal_Syllabics)": 16,
    "Japanese_(hiragana)": 52,
    "Japanese_(katakana)": 47,
    "Korean": 40,
    "Latin": 26,
    "Malay_(Jawi_-_Arabic)": 40,
    "Mkhedruli_(Georgian)": 41,
    "N_Ko": 33,
    "Ojibwe_(Canadian_Aboriginal_Syllabics)": 14,
    "Sanskrit": 42,
    "Syriac_(Estrangelo)": 23,
    "Tagalog": 17,
    "Tifinagh": 55,
}

_EVALUATION = {
    "Angelic": 20,
    "Atemayar_Qelisayer": 26,
    "Atlantean": 26,
    "Aurek-Besh": 26,
    "Avesta": 26,
    "Ge_ez": 26,
    "Glagolitic": 45,
    "Gurmukhi": 45,
    "Kannada": 41,
    "Keble": 26,
    "Malayalam": 47,
    "Manipuri": 40,
    "Mongolian": 30,
    "Old_Church_Slavonic_(Cyrillic)": 45,
    "Oriya": 46,
    "Sylheti": 28,
    "Syriac_(Serto)": 23,
    "Tengwar": 25,
    "Tibetan": 42,
    "ULOG": 26,
}

_SMALL1 = ("Balinese", "Early_Aramaic", "Greek", "Korean", "Latin")
_SMALL2 = ("Greek", "Japanese_(katakana)", "Latin", "Sanskrit", "Tagalog")

SUBSETS = {
    "background": Subset(
        Archive(
            "images_background",
            f"{_REPOSITORY}/images_background.zip",
            "68d2efa1b9178cc56df9314c21c6e718",
        ),
        _BACKGROUND,
    ),
    "evaluation": Subset(
        Archive(
            "images_evaluation",
            f"{_REPOSITORY}/images_evaluation.zip",
            "6b91aef0f799c5bb55b94e3f2daec811",
        ),
        _EVALUATION,
    ),
    "small1": Subset(
        Archive(
            "images_background_small1",
            f"{_REPOSITORY}/images_background_small1.zip",
            "e704a628b5459e08445c13499850abc4",
        ),
        {name: _BACKGROUND[name] for name in _SMALL1},
    ),
    "small2": Subset(
        Archive(
            "images_background_small2",
            f"{_REPOSITORY}/images_background_small2.zip",
            "b75a71a51d3b13f821f212756fe481fd",
        ),
        {name: _BACKGROUND[name] for name in _SMALL2},
    ),
}
