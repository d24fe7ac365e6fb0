# SPDX-License-Identifier: GPL-3.0-or-later
# `make` alone lists the targets.

SWIFT ?= swift
LIBRARIES := libncurses-dev libreadline-dev libcapstone-dev
TEST_TOOLS := tmux mtools dosfstools python3 gcc binutils qemu-system-x86 libzydis4.0 python3-venv llvm python3-pefile
BENCH_TOOLS := gdb python3-venv
KDBG := .build/release/kdbg

.DEFAULT_GOAL := help
.PHONY: help run test test-release fuzz differential soak build bench install-libraries install-test-tools lint layers clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## boot the kernel with kdbinit.samples/KDBinit and print what KD sends to COM1
	$(KDBG) --script kdbinit.samples/KDBinit

build: install-libraries ## release build, into .build/release/kdbg
	$(SWIFT) build -c release --product kdbg

test: install-libraries install-test-tools ## build and run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

test-release: install-libraries install-test-tools ## run all tests on optimised code too, which debug builds say nothing about
	$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build/release-tests

FUZZ ?= 10000000
FUZZ_SEED ?= 1

fuzz: install-libraries ## 10 million random inputs (FUZZ=, FUZZ_SEED=) for each parser, optimised; twenty minutes or so
	$(SWIFT) build -c release -Xswiftc -enable-testing --build-tests --scratch-path .build/release-tests
	for kind in lines expressions scripts checks; do \
		KDBG_FUZZ=$(FUZZ) KDBG_FUZZ_SEED=$(FUZZ_SEED) timeout 3600 $(SWIFT) test -c release -Xswiftc -enable-testing --skip-build \
			--scratch-path .build/release-tests --filter "FuzzTests/$$kind" || exit 1; \
	done

differential: install-test-tools ## compare 2 million instructions with Unicorn's results (KDBG_SEED, KDBG_WORLD, KDBG_DIFFERENTIAL change that)
	$(SWIFT) build --build-tests
	KDBG_UNICORN=$$(tools/unicorn) KDBG_DIFFERENTIAL=$${KDBG_DIFFERENTIAL:-260000} $(SWIFT) test --skip-build --filter DifferentialTests.DifferentialTests

soak: install-test-tools ## the same with changing seeds for KDBG_SOAK minutes, 480 when not set
	$(SWIFT) build --build-tests
	KDBG_UNICORN=$$(tools/unicorn) KDBG_SOAK=$${KDBG_SOAK:-480} KDBG_SEED=$${KDBG_SEED:-1000} $(SWIFT) test --skip-build --filter DifferentialTests/soaks

bench: build install-test-tools ## measure what the issues ask for, against QEMU, Unicorn and gdb (release build, medians)
	@tools/apt-install $(BENCH_TOOLS)
	$(SWIFT) build -c release --product KdbgBench
	$(MAKE) -s -C Tests/Guests
	tools/bench

lint: ## check the formatting
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

layers: ## check that each layer compiles with only the layers below it
	tools/layers

install-libraries:
	@tools/apt-install $(LIBRARIES)

install-test-tools:
	@tools/apt-install $(TEST_TOOLS)

clean: ## remove what was built
	rm -rf .build
