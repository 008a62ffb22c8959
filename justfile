# The daily commands. `just` lists them.

default:
    @just --list

# Formatting, lints and documentation, warnings denied.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# Licenses, versions, sources, yanked releases and advisories of the crates that we use.
deny:
    .ci/deny

# All tests.
test:
    cargo test --workspace

# Take the snapshots of the tests as they are now; read the difference before you commit it.
snapshots:
    INSTA_UPDATE=always cargo test --workspace

# The data dictionary of the README, brought up to date.
dictionary:
    cargo build --quiet
    "${CARGO_TARGET_DIR:-target}/debug/ecstrail" describe columns > dictionary.tmp
    sed -i -e '/^<!-- ecstrail describe columns -->$/,/^<!-- end -->$/ { /^<!--/!d }' -e '/^<!-- ecstrail describe columns -->$/r dictionary.tmp' README.md
    rm dictionary.tmp

# The list of the reports in their README, brought up to date.
reports:
    cargo build --quiet
    "${CARGO_TARGET_DIR:-target}/debug/ecstrail" describe reports > reports.tmp
    sed -i -e '/^<!-- ecstrail describe reports -->$/,/^<!-- end -->$/ { /^<!--/!d }' -e '/^<!-- ecstrail describe reports -->$/r reports.tmp' queries/README.md
    rm reports.tmp

# The generated part of the samples, made anew.
samples:
    rm -rf target/samples
    data-samples/generate target/samples
    rm -rf data-samples/trail/AWSLogs
    cp -r target/samples/AWSLogs data-samples/trail/
    cp target/samples/manifest.json target/samples/stories.jsonl data-samples/

# The samples, converted and asked.
demo:
    cargo run --release -- demo

# What ships: slower to build, fastest to run, without a path of this machine in it.
dist:
    .ci/dist

# What ships, built twice in two places: the same bytes. Takes two clean builds.
reproducible *options:
    .ci/reproducible {{options}}

# Other engines read what we write and run the reports: DuckDB, Spark, pyarrow, polars. Takes Java.
interop:
    tests/interop/run

# The licenses of what goes into the program, brought up to date.
notices:
    .ci/notices > notices.tmp
    mv notices.tmp crates/THIRD-PARTY.txt

# The pinned Python packages, raised to what is newest. Takes uv.
requirements:
    for input in .ci/*.in tests/*/*.in; do \
        uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
            --custom-compile-command "just requirements" --output-file "${input%.in}.txt" "$input"; \
    done

# What CI goes by where the advisory database cannot be fetched, from a clone of it.
advisories clone:
    .ci/advisories take {{clone}} > advisories.tmp
    mv advisories.tmp .ci/advisories.toml

# How long each report takes here and in DuckDB, on a dataset of yours; what ships is measured.
times dataset *options: interop dist
    "${XDG_CACHE_HOME:-$HOME/.cache}/ecstrail/interop/bin/python" tests/interop/times.py \
        "${CARGO_TARGET_DIR:-target}/dist/ecstrail" {{dataset}} {{options}}

# Kills, disturbances and concurrent runs, on the local disk and on an S3 server; as many rounds of
# kills on each as you like.
durability disk="500" s3="100":
    cargo build --release
    tests/durability/run "${CARGO_TARGET_DIR:-$PWD/target}/release/ecstrail" {{disk}} {{s3}}

# Converts so many mutated log files: nothing may panic, hang or lose a record.
mutate files="1000000":
    cargo run --release -p ecstrail-converter --example mutate -- --files {{files}}

# Fuzzes splitting, decoding and flattening, each for so many seconds. Takes a nightly compiler and
# cargo-fuzz.
fuzz seconds="600":
    tests/fuzz/run {{seconds}}

# What CI runs.
ci:
    bash .ci/run

# Every member of every file of a dataset, every option and every variable with every odd value: the
# tests take a part of them.
hostile:
    ECSTRAIL_HOSTILE_STRIDE=1 cargo test -p ecstrail-writer --lib hostile
    ECSTRAIL_HOSTILE_STRIDE=1 cargo test --test cli options
