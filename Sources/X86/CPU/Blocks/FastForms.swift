// SPDX-License-Identifier: GPL-3.0-or-later

enum FastForms {
    static func form(_ i: UnsafeMutablePointer<Instruction>) -> Handler? { nil }
}
