// SPDX-License-Identifier: GPL-3.0-or-later

/// What file systems share: locks for paging I/O, and lists of small blocks (spec/boot.md section 1.8 #21).
extension FsRtl {
    /// For drivers.
    package static let exports: [any Item] = [allocateResource]

    /// How many locks there are.
    package static let resourceCount: UInt32 = 16
    /// `FsRtlPagingIoResources`: the address of sixteen ERESOURCEs in nonpaged pool, tag 'FSrs'.
    static let pagingIoResources: Global = .init("FsRtlPagingIoResources")
    /// The one that is given out next.
    static let pagingIoResourceSelector: Global = .init("FsRtlPagingIoResourceSelector")

    /// A lookaside list: its variable, and whether its blocks, of that size and tag, are paged.
    private struct List: Sendable {
        let cell: GlobalStructure<NPAGED_LOOKASIDE_LIST>
        let isPaged: Bool
        let size: UInt32
        let tag: StaticString

        init(_ name: String, paged: Bool, size: UInt32, tag: StaticString) {
            (cell, isPaged, self.size, self.tag) = (.init(name), paged, size, tag)
        }
    }

    /// Fast mutexes of large MCBs; the first mapping pairs of one; nodes of the tunnel cache.
    private static let lists: [List] = [
        List("FsRtlFastMutexLookasideList", paged: false, size: 0x20, tag: "FSfm"),
        List("FsRtlFirstMappingLookasideList", paged: true, size: 15 * 8, tag: "FSmg"),
        List("TunnelLookasideList", paged: true, size: 0xA0, tag: "TunL"),
    ]

    static let initSystem: Routine = .bootStep(
        "1.8 #21", "FsRtlInitSystem", [], "File-system library",
        """
        Sixteen resources that file systems share as locks for paging I/O (FsRtlAllocateResource), and lookaside lists for mapping control blocks and the tunnel \
        cache. Without pool it is bugcheck 0x68.
        """
    ) { f in
        let resources = f.local(f.call(Ex.allocatePoolWithTag, 0, resourceCount * ERESOURCE.size, Value.tag("FSrs")))
        f.if(resources == 0) { f.return(0) }
        f.set(pagingIoResources.dword, resources)
        f.set(pagingIoResourceSelector.dword, 0)
        let resource = f.local(resources)
        f.while(resource != resources + Value(resourceCount * ERESOURCE.size)) {
            f.call(Ex.initializeResourceLite, resource)
            f.set(resource, resource + ERESOURCE.size.value)
        }
        for list in lists {
            let initialize = list.isPaged ? Ex.initializePagedLookasideList : Ex.initializeNPagedLookasideList
            f.call(initialize, list.cell, 0, 0, 0, list.size, Value.tag(list.tag), 0)
        }
        f.return(1)
    }

    /// `FsRtlAllocateResource() -> ERESOURCE*`: one of the sixteen, in turn; it is never given back.
    package static let allocateResource: Routine = .init("FsRtlAllocateResource") { f in
        let number = f.local(f.exchangeAdd(pagingIoResourceSelector.dword, 1))
        f.return(pagingIoResources.dword + (number & (resourceCount - 1).value) * ERESOURCE.size.value)
    }
}
