// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The head of a block: instructions that follow each other in memory, decoded once. The records start right behind it.
///
/// A block belongs to a linear address, a physical page and a mode, so that everything but register contents is known when it is made: where code stops of the host
/// are, whether segments are flat. It never leaves its page, except for the single instruction of a block that straddles two.
struct Block {
    /// Instructions in it.
    var count: UInt64
    /// Linear address of the first.
    var linear: UInt32
    /// Number of the physical page, and of the one it runs over into (or `none`).
    var frame: UInt32
    var secondFrame: UInt32
    /// Bits of `CPU.codeMode` that made a difference when it was built.
    var mode: UInt32
    /// First byte in the page and the one behind the last; more than 4096 when it straddles.
    var start: UInt16
    var end: UInt16
    /// The code stops in it are those of this time (`CodeCache.stopEpoch`).
    var stopEpoch: UInt32
    /// Chains: same hash bucket, same page, same second page.
    var nextInBucket: UnsafeMutablePointer<Block>?
    var nextInFrame: UnsafeMutablePointer<Block>?
    var nextInSecond: UnsafeMutablePointer<Block>?

    static var none: UInt32 { ~0 }
    /// Bytes before the first record.
    static var headerSize: Int { 64 }
    /// Instructions at most: `remaining` has to fit, and a block is only entered when all of it fits before the deadline.
    static var maximumCount: Int { 48 }
    /// The mode bits that a block depends on.
    static var modeMask: UInt32 { 6 }
}

/// A direct way from the end of a block to the next, valid under one context.
struct Link {
    var block: UnsafeMutablePointer<Block>?
    var context: UInt32
}

/// What a cached way to a block depends on, and the number that stands for it: cached ways carry the number. Which pages lie within CS is checked when a block is
/// looked up, so base and limit belong to it.
struct CodeContext {
    var base: UInt32
    var limit: UInt32
    var mode: UInt32
    var generation: UInt64
    /// Never given out twice; 0 when the slot is free.
    var number: UInt32

    static var count: Int { 64 }
    static var maximum: UInt32 { .max }

    /// Where it is kept.
    var slot: Int { Int((base >> 4 ^ base >> 12 ^ mode &* 11 ^ limit) & UInt32(Self.count - 1)) }

    func isSame(as other: CodeContext) -> Bool {
        number != 0 && generation == other.generation && base == other.base && limit == other.limit && mode == other.mode
    }
}

/// Lies behind a branch or the end of a block, in a record's place: the ways out. `taken` or only, `other` for the condition that does not hold.
struct LinkPair {
    /// Reached when the branch did not go through its links after all.
    var run: Handler
    var taken: Link
    var other: Link
}

/// Where a block starts, by linear address and context.
struct JumpEntry {
    /// Context in the upper half, linear address in the lower. Contexts are never 0.
    var tag: UInt64
    var block: UnsafeMutablePointer<Block>?

    static var count: Int { 4096 }
}

/// What is known of the code in one physical page.
struct PageCode {
    /// A bit per 64 bytes that hold decoded code.
    var chunks: UInt64
    var blocks: UnsafeMutablePointer<Block>?
    /// The TLB may let stores to the page pass.
    var isOpen: Bool

    /// The bits of a byte range of the page.
    @inline(__always) static func chunks(_ start: Int, _ end: Int) -> UInt64 {
        let last = (end - 1) >> 6
        return (~0 << UInt64(start >> 6)) & (~0 >> UInt64(63 - last))
    }
}

/// All decoded code of a machine, in one piece of memory that is thrown away as a whole when it is full. What is in here never influences what the guest sees.
struct CodeCache {
    /// Blocks and records, one behind the other.
    let arena: UnsafeMutableRawPointer
    var used = 0
    static var size: Int { 16 << 20 }
    /// Room a block takes at most.
    static var blockSize: Int { Block.headerSize + (2 * Block.maximumCount + 4) * Instruction.stride }
    let buckets: UnsafeMutablePointer<UnsafeMutablePointer<Block>?>
    static var bucketCount: Int { 8192 }
    let pages: UnsafeMutablePointer<PageCode>
    let pageCount: Int
    /// Changes whenever a cached way to a block may be wrong.
    var generation: UInt64 = 1
    /// The CPU's `codeContext`, to be cleared together with a change of generation.
    var context: UnsafeMutablePointer<UInt32>?
    /// Counts the changes of code stops.
    var stopEpoch: UInt32 = 0

    init(pageCount: Int) {
        guard let memory = calloc(1, Self.size) else { fatalError("out of memory") }
        arena = memory
        buckets = zeroed(Self.bucketCount)
        pages = zeroed(pageCount)
        self.pageCount = pageCount
    }

    func deallocate() {
        free(arena)
        free(buckets)
        free(pages)
    }

    /// Makes every cached way to a block invalid, and the running block come back after its instruction.
    mutating func renew() {
        generation += 1
        context?.pointee = 0
    }

    @inline(__always) private func bucket(_ linear: UInt32, _ frame: UInt32) -> Int {
        Int((linear ^ linear >> 13 ^ frame &* 0x9E5) & UInt32(Self.bucketCount - 1))
    }

    /// The block of a place and mode.
    func find(_ linear: UInt32, frame: UInt32, mode: UInt32) -> UnsafeMutablePointer<Block>? {
        var next = buckets[bucket(linear, frame)]
        while let block = next {
            if block.pointee.linear == linear, block.pointee.frame == frame, block.pointee.mode == mode { return block }
            next = block.pointee.nextInBucket
        }
        return nil
    }

    /// Enters a block that has just been built. Answers the pages that hold code where they held none.
    mutating func insert(_ block: UnsafeMutablePointer<Block>) {
        let slot = bucket(block.pointee.linear, block.pointee.frame)
        block.pointee.nextInBucket = buckets[slot]
        buckets[slot] = block
        let page = pages + Int(block.pointee.frame)
        block.pointee.nextInFrame = page.pointee.blocks
        page.pointee.blocks = block
        page.pointee.chunks |= PageCode.chunks(Int(block.pointee.start), min(Int(block.pointee.end), 4096))
        if block.pointee.secondFrame != Block.none {
            let second = pages + Int(block.pointee.secondFrame)
            block.pointee.nextInSecond = second.pointee.blocks
            second.pointee.blocks = block
            second.pointee.chunks |= 1
        }
    }

    /// Bytes of a page are about to change: blocks made of them go. The memory stays, so that a running one can finish its instruction.
    mutating func invalidate(page number: Int, from start: Int, to end: Int) {
        let page = pages + number
        guard page.pointee.chunks & PageCode.chunks(start, end) != 0 else { return }
        var found = false
        var next = page.pointee.blocks
        while let block = next {
            next = self.next(block, in: number)
            let isFirst = Int(block.pointee.frame) == number
            let low = isFirst ? Int(block.pointee.start) : 0
            let high = isFirst ? Int(block.pointee.end) : Int(block.pointee.end) - 4096
            guard start < high, low < end else { continue }
            found = true
            remove(block)
        }
        if found { renew() }
    }

    private func next(_ block: UnsafeMutablePointer<Block>, in number: Int) -> UnsafeMutablePointer<Block>? {
        Int(block.pointee.frame) == number ? block.pointee.nextInFrame : block.pointee.nextInSecond
    }

    /// Takes a block out of every chain. The caller renews.
    mutating func remove(_ block: UnsafeMutablePointer<Block>) {
        let slot = bucket(block.pointee.linear, block.pointee.frame)
        if buckets[slot] == block {
            buckets[slot] = block.pointee.nextInBucket
        } else {
            var previous = buckets[slot]
            while let p = previous, p.pointee.nextInBucket != block { previous = p.pointee.nextInBucket }
            previous?.pointee.nextInBucket = block.pointee.nextInBucket
        }
        unchain(block, Int(block.pointee.frame))
        if block.pointee.secondFrame != Block.none { unchain(block, Int(block.pointee.secondFrame)) }
    }

    /// Takes a block out of a page's chain and finds out which chunks still hold code.
    private func unchain(_ block: UnsafeMutablePointer<Block>, _ number: Int) {
        let after = next(block, in: number)
        if pages[number].blocks == block { pages[number].blocks = after }
        var chunks: UInt64 = 0
        var current = pages[number].blocks
        while let other = current {
            var following = next(other, in: number)
            if following == block {
                following = after
                if Int(other.pointee.frame) == number { other.pointee.nextInFrame = after } else { other.pointee.nextInSecond = after }
            }
            let isFirst = Int(other.pointee.frame) == number
            chunks |= isFirst ? PageCode.chunks(Int(other.pointee.start), min(Int(other.pointee.end), 4096)) : 1
            current = following
        }
        pages[number].chunks = chunks
    }

    /// Forgets all code. Only between instructions: a running block would lose its records.
    mutating func clear() {
        for bucket in 0..<Self.bucketCount { buckets[bucket] = nil }
        for page in 0..<pageCount where pages[page].chunks != 0 {
            pages[page].chunks = 0
            pages[page].blocks = nil
        }
        used = 0
        renew()
    }
}
