// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's messages: what the executive shows on the boot screen.
extension Rtl {
    /// Numbers of messages.
    package enum Message {
        package static let banner: UInt32 = 0x4000_007E
        package static let processor: UInt32 = 0x4000_0088
        package static let processors: UInt32 = 0x4000_009D
    }

    private static let messages: [(UInt32, String)] = [
        (Message.banner, "\r\nReactOS Version %s (Build %s) on a simulated PC\r\n"),
        (Message.processor, "%u System Processor [%u MB Memory]\r\n"),
        (Message.processors, "%u System Processors [%u MB Memory]\r\n"),
    ]

    /// `RtlpKernelMessages`: MESSAGE_RESOURCE_DATA, a count of blocks, for each the first and the last number and the offset of its entries, which have a length, a zero, and text. Each
    /// message is a block of its own here.
    package static let kernelMessages: Global = {
        let texts = messages.map { message -> [UInt8] in
            let text = Array(message.1.utf8)
            return text + [UInt8](repeating: 0, count: 4 - text.count % 4)
        }
        let size = 4 + 12 * messages.count + texts.reduce(0) { $0 + 4 + $1.count }
        return Global("RtlpKernelMessages", size: UInt32(size), section: .constants) {
            var offset = UInt32(4 + 12 * messages.count)
            var items: [Global.DataItem] = [.dword(UInt32(messages.count))]
            for (message, text) in zip(messages, texts) {
                items += [.dword(message.0), .dword(message.0), .dword(offset)]
                offset += UInt32(4 + text.count)
            }
            for text in texts { items += [.word(UInt16(4 + text.count)), .word(0), .bytes(text)] }
            return items
        }
    }()

    /// `RtlFindMessage(MessageTable*, MessageId, Entry**) -> status`: an entry of a MESSAGE_RESOURCE_DATA. 0xC0000109: there is no such number.
    package static let findMessage: Routine = .init("RtlFindMessage", ["MessageTable", "MessageId", "MessageEntry"]) { f in
        let block = f.local(f.argument(0) + 4)
        let left = f.local(f.argument(0).dword())
        f.while(left != 0) {
            f.if(f.argument(1) >= block.dword() && f.argument(1) <= block.dword(4)) {
                let entry = f.local(f.argument(0) + block.dword(8))
                let number = f.local(block.dword())
                f.while(number < f.argument(1)) {
                    f.set(entry, entry + entry.word())
                    f.add(number, 1)
                }
                f.set(f.argument(2).dword(), entry)
                f.return(0)
            }
            f.add(block, 12)
            f.set(left, left - 1)
        }
        f.return(0xC000_0109 as UInt32)
    }
}
