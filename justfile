# The daily commands. `just` lists them.

default:
    @just --list

# Check formatting, lints and documentation, with warnings denied.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --document-private-items

# Check licenses, versions, sources, yanked releases and advisories of dependencies.
deny:
    .ci/deny

# Run all tests, with the engines that ship.
test:
    cargo test --workspace --all-features

# Measure the steps of a conversion on the samples.
bench *filter:
    cargo bench -p ecstrail-writer --bench steps -- {{filter}}

# Update the snapshots of the tests. Read the diff before you commit it.
snapshots:
    INSTA_UPDATE=always cargo test --workspace --all-features

# Update the data dictionary.
dictionary:
    cargo build --quiet
    "${CARGO_TARGET_DIR:-target}/debug/ecstrail" describe columns > dictionary.tmp
    sed -i -e '/^<!-- ecstrail describe columns -->$/,/^<!-- end -->$/ { /^<!--/!d }' -e '/^<!-- ecstrail describe columns -->$/r dictionary.tmp' queries/columns.md
    rm dictionary.tmp

# Update the list of reports in their README.
reports:
    cargo build --quiet
    "${CARGO_TARGET_DIR:-target}/debug/ecstrail" describe reports > reports.tmp
    sed -i -e '/^<!-- ecstrail describe reports -->$/,/^<!-- end -->$/ { /^<!--/!d }' -e '/^<!-- ecstrail describe reports -->$/r reports.tmp' queries/README.md
    rm reports.tmp

# Update the table of config keys in the reference.
reference:
    cargo build --quiet
    "${CARGO_TARGET_DIR:-target}/debug/ecstrail" config keys > keys.tmp
    sed -i -e '/^<!-- ecstrail config keys -->$/,/^<!-- end -->$/ { /^<!--/!d }' -e '/^<!-- ecstrail config keys -->$/r keys.tmp' crates/cli/README.md
    rm keys.tmp

# Regenerate the generated part of the samples.
samples:
    rm -rf target/samples
    data-samples/generate target/samples
    rm -rf data-samples/trail/AWSLogs
    cp -r target/samples/AWSLogs data-samples/trail/
    cp target/samples/manifest.json target/samples/stories.jsonl data-samples/

# Convert the samples and run reports on them.
demo:
    cargo run --release -- demo

# Build the release binary: slower to build, fastest to run, without paths of this machine.
dist:
    .ci/dist

# Check that two builds of the release binary in two folders are identical.
reproducible *options:
    .ci/reproducible {{options}}

# Read datasets and run reports, notebooks and AWS's queries with other engines. Needs Java.
interop:
    tests/interop/run

# Run reports on Spark and Sail, on loopback, and send them to what plays Athena. Needs Java.
engines *options:
    cargo build --release --all-features
    tests/engines/run "${CARGO_TARGET_DIR:-$PWD/target}/release/ecstrail" {{options}}

# Build the wheel, install it into an empty environment, and run the demo. Needs root for the image.
install:
    cargo build --release --all-features
    tests/install/run "$(.ci/wheel "${CARGO_TARGET_DIR:-$PWD/target}/wheels" --release --compatibility linux)"
    "${XDG_CACHE_HOME:-$HOME/.cache}/ecstrail/durability/bin/python" tests/install/image.py \
        "${CARGO_TARGET_DIR:-$PWD/target}/release/ecstrail"

# Judge the workflows and the Dockerfile. Needs npm.
workflows:
    tests/workflows/run

# Update the licenses of everything that goes into the program.
notices:
    .ci/notices > notices.tmp
    mv notices.tmp crates/THIRD-PARTY.txt

# Update the pinned Python packages. Needs uv.
requirements:
    for input in .ci/*.in tests/*/*.in data-samples/*/*.in; do \
        uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
            --custom-compile-command "just requirements" --output-file "${input%.in}.txt" "$input"; \
    done

# Update the advisories that CI uses when it cannot fetch the database, from a clone of it.
advisories clone:
    .ci/advisories take {{clone}} > advisories.tmp
    mv advisories.tmp .ci/advisories.toml

# Measure each report of the release binary and in DuckDB, on your dataset.
times dataset *options: interop dist
    "${XDG_CACHE_HOME:-$HOME/.cache}/ecstrail/interop/bin/python" tests/interop/times.py \
        "${CARGO_TARGET_DIR:-target}/dist/ecstrail" {{dataset}} {{options}}

# Open pages in headless Chromium: nothing of a log file acts, tables sort, filter and print, and axe
# finds nothing serious. `--keep FOLDER` leaves pictures. Needs chromium, chromium-driver and npm.
book-check *options:
    cargo build --release
    tests/book/run "${CARGO_TARGET_DIR:-$PWD/target}/release/ecstrail" {{options}}

# Kills, disturbances and concurrent runs, on the local disk and on an S3 server; as many rounds of
# kills on each as you like.
durability disk="500" s3="100":
    cargo build --release
    tests/durability/run "${CARGO_TARGET_DIR:-$PWD/target}/release/ecstrail" {{disk}} {{s3}}

# Convert mutated log files: nothing may panic, hang or lose a record.
mutate files="1000000":
    cargo run --release -p ecstrail-converter --example mutate -- --files {{files}}

# Fuzz splitting, decoding and flattening for a number of seconds each. Needs a nightly compiler and
# cargo-fuzz.
fuzz seconds="600":
    tests/fuzz/run {{seconds}}

# Run what CI runs.
ci:
    bash .ci/run

# Every member of every file of a dataset, every option and every variable with every odd value: the
# tests take a part of them.
hostile:
    ECSTRAIL_HOSTILE_STRIDE=1 cargo test -p ecstrail-writer --lib hostile
    ECSTRAIL_HOSTILE_STRIDE=1 cargo test --test cli options
