// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

let package = Package(
    name: "kdbg",
    products: [
        .executable(name: "kdbg", targets: ["kdbg"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CNcurses"),
        .systemLibrary(name: "CReadline"),
        .systemLibrary(name: "CCapstone"),
        // The interpreter is unusable without optimisation, so the PC is compiled optimised in debug builds and tests too. Its handlers jump from one to the next: a
        // frame pointer and merged functions would cost each of them a detour.
        .target(
            name: "X86",
            swiftSettings: [
                .unsafeFlags([
                    "-O", "-wmo", "-num-threads", "2", "-disable-batch-mode", "-enforce-exclusivity=unchecked",
                    "-Xfrontend", "-disable-llvm-merge-functions-pass", "-Xcc", "-momit-leaf-frame-pointer",
                ])
            ]
        ),
        .target(
            name: "KdbgCore",
            dependencies: [
                "X86", "CCapstone",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "KdbgTUI",
            dependencies: ["KdbgCore", "CNcurses", "CReadline"]
        ),
        .executableTarget(
            name: "kdbg",
            dependencies: [
                "KdbgCore", "KdbgTUI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // What tools/bench measures from inside a process; no product, so `make build` leaves it out.
        .executableTarget(
            name: "KdbgBench",
            dependencies: [
                "KdbgCore",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Bench"
        ),
        .target(
            name: "KdbgTestSupport",
            dependencies: [
                "KdbgCore",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/KdbgTestSupport"
        ),
        .testTarget(name: "X86Tests", dependencies: ["X86", "KdbgTestSupport"]),
        // Optimised, because it compares millions of instructions.
        .testTarget(name: "DifferentialTests", dependencies: ["X86"], swiftSettings: [.unsafeFlags(["-O"])]),
        .testTarget(name: "KdbgCoreTests", dependencies: ["KdbgCore", "KdbgTestSupport"]),
        .testTarget(name: "KdbgTUITests", dependencies: ["KdbgTUI", "KdbgTestSupport"]),
        .testTarget(
            name: "kdbgTests",
            dependencies: [
                "KdbgTestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// Warnings of ours are errors; those of dependencies are theirs.
for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}
