# What `.ci/run` asks of a machine, apart from what it does there: sourced by it, and by the test of these functions.

ADDONS_RANGE="(3, 10) <= sys.version_info[:2] < (3, 12)"
BACKENDS_RANGE="sys.version_info[:2] == (3, 11)"
TRITON_RANGE="sys.version_info[:2] == (3, 11)"

# The first of some Pythons whose version and tools suffice. Virtual environments need both modules.
python_for() {
    local range=$1 python
    shift
    for python in "$@"; do
        if "$python" -c "import ensurepip, sys, venv; sys.exit(not ($range))" 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

# The data that is tested with: the folder that the environment names, else one next to the checkout. A folder that is
# named must be there.
data_folder() {
    if [[ -n ${KERAS_SIAMESE_DATA:-} ]]; then
        [[ -d $KERAS_SIAMESE_DATA ]] || { echo ".ci/run: KERAS_SIAMESE_DATA is no folder: $KERAS_SIAMESE_DATA" >&2; return 1; }
        echo "$KERAS_SIAMESE_DATA"
    elif [[ -d ../shared/data ]]; then
        (cd ../shared/data && pwd)
    fi
}

# Fail where a log of `pytest -rfEs` has a skipped test whose reason has one of some words.
none_skipped() {
    local log=$1 word left_out=0
    shift
    for word in "$@"; do
        if grep -- "^SKIPPED.*$word" "$log" >&2; then
            echo ".ci/run: tests of what this machine has were skipped: $word" >&2
            left_out=1
        fi
    done
    return "$left_out"
}
