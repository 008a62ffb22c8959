# The daily commands. `just` lists them.

default:
    @just --list

# Formatting, lints and documentation, warnings denied.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# All tests.
test:
    cargo test --workspace

# Take the snapshots of the tests as they are now; read the difference before you commit it.
snapshots:
    INSTA_UPDATE=always cargo test --workspace

# The samples, converted and asked.
demo:
    cargo run --release -- demo

# What ships: slower to build, fastest to run.
dist:
    cargo build --profile dist

# Other engines read what we write: DuckDB, pyarrow, polars.
interop:
    tests/interop/run

# What CI runs.
ci:
    bash .ci/run
