// SPDX-License-Identifier: GPL-3.0-or-later

extension Global {
    /// A list head that is empty from the start: both links point to itself.
    package static func listHead(
        _ name: String, module: Module = .kernel, file: StaticString = #fileID, line: UInt = #line
    ) -> GlobalStructure<LIST_ENTRY> {
        GlobalStructure(name, module: module, file: file, line: line) { [.itself(), .itself()] }
    }
}

/// The list macros of NT; compilers put them in line, and so do these.
extension Function {
    /// Makes a list head empty.
    package func initializeListHead(_ head: Value, file: StaticString = #fileID, line: UInt = #line) {
        let entry = head.as(LIST_ENTRY.self)
        set(entry.Flink, head, file: file, line: line)
        set(entry.Blink, head, file: file, line: line)
    }

    /// Links an entry in before the head, that is at the end.
    package func insertTailList(_ head: Value, _ entry: Value, file: StaticString = #fileID, line: UInt = #line) {
        let list = head.as(LIST_ENTRY.self)
        let new = entry.as(LIST_ENTRY.self)
        let last = local(list.Blink, file: file, line: line)
        set(new.Flink, head, file: file, line: line)
        set(new.Blink, last, file: file, line: line)
        set(last.Flink, entry, file: file, line: line)
        set(list.Blink, entry, file: file, line: line)
    }

    /// Links an entry in behind the head, that is at the start.
    package func insertHeadList(_ head: Value, _ entry: Value, file: StaticString = #fileID, line: UInt = #line) {
        let list = head.as(LIST_ENTRY.self)
        let new = entry.as(LIST_ENTRY.self)
        let first = local(list.Flink, file: file, line: line)
        set(new.Flink, first, file: file, line: line)
        set(new.Blink, head, file: file, line: line)
        set(first.Blink, entry, file: file, line: line)
        set(list.Flink, entry, file: file, line: line)
    }

    /// Unlinks an entry; its own links stay as they are.
    package func removeEntryList(_ entry: Value, file: StaticString = #fileID, line: UInt = #line) {
        let old = entry.as(LIST_ENTRY.self)
        let next = local(old.Flink, file: file, line: line)
        let previous = local(old.Blink, file: file, line: line)
        set(previous.Flink, next, file: file, line: line)
        set(next.Blink, previous, file: file, line: line)
    }

    /// Unlinks the first entry and yields it; the list must not be empty.
    package func removeHeadList(_ head: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
        let entry = local(head.dword(), file: file, line: line)
        removeEntryList(entry, file: file, line: line)
        return entry
    }
}

/// Whether a list has no entries.
package func isListEmpty(_ head: Value) -> Value { head.dword() == head }
