// SPDX-License-Identifier: GPL-3.0-or-later

/// How records run: each does its instruction and jumps to the next one itself, so that the host's processor predicts every such jump for itself. All calls of
/// `proceed`, `follow`, `general` and the like stand in tail position and are compiled to jumps; were one not, the stack would grow no further than the loop's slice of
/// instructions lets it.
///
/// When a block is entered, all of its instructions are added to `CPU.count`; whoever leaves it early takes the rest off again. EIP is only written when it
/// is needed: at the end of a block and around instructions in the general form.
enum Dispatch {
    /// Any instruction: establishes EIP and the count as they are between instructions, calls the row's handler, and goes on when nothing unusual happened. Fast
    /// forms come here when they do not apply, before having changed anything.
    static var general: Handler {
        { cpu, record in
            let op = record.op
            let eip = op.pointee.linear &- cpu.cpu.csBase
            cpu.cpu.currentEIP = eip
            cpu.cpu.eip = eip &+ UInt32(op.pointee.length)
            cpu.cpu.count &-= UInt64(op.pointee.remaining)
            op.pointee.handler(cpu, record)
            let next = op.pointee.linear &- cpu.cpu.csBase &+ UInt32(op.pointee.length)
            guard cpu.cpu.deadline != 0, cpu.cpu.eip == next, cpu.cpu.codeContext != 0 else { return }
            cpu.cpu.count &+= UInt64(op.pointee.remaining)
            cpu.proceed(record)
        }
    }

    /// The end of a block that does not end in a branch. Not an instruction.
    static var end: Handler {
        { cpu, record in
            cpu.follow(cpu.link(behind: record), record.op.pointee.linear)
        }
    }

    /// Behind a branch whose handler went on in line.
    static var afterLinks: Handler {
        { cpu, record in cpu.proceed(record) }
    }

    /// An instruction the host stops before.
    static var stop: Handler {
        { cpu, record in
            cpu.cpu.eip = record.op.pointee.linear &- cpu.cpu.csBase
            cpu.cpu.count &-= UInt64(record.op.pointee.remaining) + 1
            cpu.cpu.noteCodeStop()
        }
    }
}

extension UnsafeMutableRawPointer {
    /// Runs the next record.
    @inline(__always) func proceed(_ record: UnsafeRawPointer) {
        let next = record + Instruction.stride
        next.op.pointee.run(self, next)
    }

    /// Runs the record behind a branch and its links.
    @inline(__always) func proceedPastLinks(_ record: UnsafeRawPointer) {
        let next = record + 2 * Instruction.stride
        next.op.pointee.run(self, next)
    }

    /// The first link behind a record.
    @inline(__always) func link(behind record: UnsafeRawPointer) -> UnsafeMutablePointer<Link> {
        UnsafeMutableRawPointer(mutating: record + Instruction.stride + MemoryLayout<LinkPair>.offset(of: \.taken).unsafelyUnwrapped)
            .assumingMemoryBound(to: Link.self)
    }

    /// Enters a block when all of it fits before the deadline; the loop steps through it otherwise.
    @inline(__always) func enter(_ block: UnsafeMutablePointer<Block>, at linear: UInt32) {
        let count = cpu.count &+ block.pointee.count
        if _fastPath(count <= cpu.deadline) {
            cpu.count = count
            let first = UnsafeRawPointer(block) + Block.headerSize
            first.op.pointee.run(self, first)
        } else {
            cpu.eip = linear &- cpu.csBase
        }
    }

    /// Goes to a linear address known when the block was built.
    @inline(__always) func follow(_ link: UnsafeMutablePointer<Link>, _ linear: UInt32) {
        if _fastPath(link.pointee.context == cpu.codeContext) {
            enter(link.pointee.block.unsafelyUnwrapped, at: linear)
        } else {
            cpu.eip = linear &- cpu.csBase
            cpu.pendingLink = link
        }
    }

    /// Goes to a computed linear address.
    @inline(__always) func lookUp(_ linear: UInt32) {
        let entry = cpu.jumps + CPU.jumpIndex(linear)
        if _fastPath(entry.pointee.tag == UInt64(cpu.codeContext) << 32 | UInt64(linear)) {
            enter(entry.pointee.block.unsafelyUnwrapped, at: linear)
        } else {
            cpu.eip = linear &- cpu.csBase
        }
    }
}
