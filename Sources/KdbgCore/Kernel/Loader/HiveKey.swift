// SPDX-License-Identifier: GPL-3.0-or-later

/// A registry key as the loader knows it before it is written into a hive image: name, values, subkeys.
struct HiveKey: Sendable {
    var name: String
    var values: [HiveValue]
    var keys: [HiveKey]

    init(_ name: String, _ values: [HiveValue] = [], keys: [HiveKey] = []) {
        self.name = name
        self.values = values
        self.keys = keys
    }

    /// The subkey with that name, case-blind.
    subscript(name: String) -> HiveKey? { keys.first { $0.name.lowercased() == name.lowercased() } }

    /// The value with that name, case-blind.
    func value(_ name: String) -> HiveValue.Contents? { values.first { $0.name.lowercased() == name.lowercased() }?.contents }

    /// The key at a path of names from here.
    func key(at path: String...) -> HiveKey? {
        path.reduce(self as HiveKey?) { $0?[$1] }
    }
}

/// A value of a registry key.
struct HiveValue: Sendable {
    var name: String
    var contents: Contents

    init(_ name: String, _ contents: Contents) {
        self.name = name
        self.contents = contents
    }

    /// What a value holds; the case says its type.
    enum Contents: Sendable, Equatable {
        /// REG_SZ.
        case string(String)
        /// REG_EXPAND_SZ: may hold `%variables%`.
        case expandable(String)
        /// REG_BINARY.
        case binary([UInt8])
        /// REG_DWORD.
        case number(UInt32)
        /// REG_MULTI_SZ.
        case strings([String])

        /// The number that the registry has for the type.
        var type: UInt32 {
            switch self {
            case .string: 1
            case .expandable: 2
            case .binary: 3
            case .number: 4
            case .strings: 7
            }
        }

        /// The value's bytes in the hive.
        var bytes: [UInt8] {
            switch self {
            case .string(let text), .expandable(let text): Self.wide(text)
            case .binary(let bytes): bytes
            case .number(let number): (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
            case .strings(let texts): texts.flatMap(Self.wide) + [0, 0]
            }
        }

        private static func wide(_ text: String) -> [UInt8] {
            (Array(text.utf16) + [0]).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        }
    }
}
