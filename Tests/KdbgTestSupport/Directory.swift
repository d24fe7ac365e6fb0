// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// Names in a directory, sorted.
package func directoryEntries(_ directory: FilePath) -> [String] {
    guard let stream = opendir(directory.string) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.sorted()
}
