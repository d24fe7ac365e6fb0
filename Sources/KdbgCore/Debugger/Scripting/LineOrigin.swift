// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a command line comes from. Some commands ask back when a person types them, and some have no business in KDBinit.
package enum LineOrigin: Equatable, Sendable {
    /// A person at a keyboard.
    case typed
    /// A pipe or file at the prompt, a sourced file, the commands of a breakpoint.
    case scripted
    /// A line of KDBinit; its output becomes part of the guest's memory.
    case kdbinit
}
