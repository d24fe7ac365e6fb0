// SPDX-License-Identifier: GPL-3.0-or-later

/// The cache of security descriptors: equal ones are kept once, with a count of who uses them.
extension Ob {
    /// Lists of SECURITY_DESCRIPTOR_HEADERs, by hash.
    private static let buckets: UInt32 = 257
    static let descriptorCache: GlobalStructure<LIST_ENTRY> = .init("ObsSecurityDescriptorCache", count: buckets)

    /// `ObpInitSecurityDescriptorCache()`: empty lists (spec/boot.md section 1.6 #21).
    static let initDescriptorCache: Routine = .init("ObpInitSecurityDescriptorCache", section: .initialization) { f in
        let head = f.local(descriptorCache.value)
        f.while(head != descriptorCache.value + Value(buckets * LIST_ENTRY.size)) {
            f.initializeListHead(head)
            f.set(head, head + LIST_ENTRY.size.value)
        }
        f.return()
    }

    /// `ObpHashSecurityDescriptor(SecurityDescriptor*, Length) -> hash`.
    private static let hashDescriptor: Routine = .init("ObpHashSecurityDescriptor", ["SecurityDescriptor", "Length"]) { f in
        let hash = f.local(0)
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            f.set(hash, (hash << 3) + (hash >> 29) + (f.argument(0) + index).dword())
            f.add(index, 4)
        }
        f.return(hash)
    }

    /// `ObLogSecurityDescriptor(InputSecurityDescriptor*, OutputSecurityDescriptor**, RefBias) -> status`: the one in the cache that is equal to a
    /// self-relative descriptor, a copy if there was none; with as many references. 0xC000009A: no pool for the copy.
    package static let logSecurityDescriptor: Routine = .init(
        "ObLogSecurityDescriptor", ["InputSecurityDescriptor", "OutputSecurityDescriptor", "RefBias"]
    ) { f in
        let input = f.argument(0)
        let length = f.local(f.call(Se.descriptorLength, input))
        let hash = f.local(f.call(hashDescriptor, input, length))
        let head = f.local(descriptorCache.value + ((hash % buckets.value) << 3))
        let found = f.local(0)
        let irql = f.local(f.call(Hal.raiseIrql, Irql.apc))
        f.forEach(in: head) { link in
            let header = f.local(link).as(SECURITY_DESCRIPTOR_HEADER.self)
            f.if(found == 0 && header.FullHash == hash) {
                let other = f.local(header.value + SECURITY_DESCRIPTOR_HEADER.size.value)
                f.if(f.call(Se.descriptorLength, other) == length) {
                    f.if(f.call(Rtl.compareMemory, other, input, length) == length) { f.set(found, header) }
                }
            }
        }
        f.if(found == 0) {
            f.set(found, f.call(Ex.allocatePoolWithTag, 1, length + SECURITY_DESCRIPTOR_HEADER.size.value, Value.tag("ObSc")))
            f.if(found != 0) {
                let header = found.as(SECURITY_DESCRIPTOR_HEADER.self)
                f.set(header.RefCount, 0)
                f.set(header.FullHash, hash)
                f.copy(to: found + SECURITY_DESCRIPTOR_HEADER.size.value, from: input, length)
                f.insertTailList(head, header.Link.value)
            }
        }
        f.if(found != 0) {
            f.set(found.as(SECURITY_DESCRIPTOR_HEADER.self).RefCount, found.as(SECURITY_DESCRIPTOR_HEADER.self).RefCount + f.argument(2))
        }
        f.call(Hal.lowerIrql, irql)
        f.if(found == 0) {
            f.set(f.argument(1).dword(), 0)
            f.return(Status.insufficientResources)
        }
        f.set(f.argument(1).dword(), found + SECURITY_DESCRIPTOR_HEADER.size.value)
        f.return(Status.success)
    }

    /// `ObDereferenceSecurityDescriptor(SecurityDescriptor*, Count)`: of the cache; nobody's any more, it goes.
    package static let dereferenceSecurityDescriptor: Routine = .init(
        "ObDereferenceSecurityDescriptor", ["SecurityDescriptor", "Count"]
    ) { f in
        let header = f.local(Pointer<SECURITY_DESCRIPTOR_HEADER>(f.argument(0) - SECURITY_DESCRIPTOR_HEADER.size.value))
        let irql = f.local(f.call(Hal.raiseIrql, Irql.apc))
        f.set(header.RefCount, header.RefCount - f.argument(1))
        f.if(header.RefCount == 0) {
            f.removeEntryList(header.Link.value)
            f.call(Ex.freePoolWithTag, header, Value.tag("ObSc"))
        }
        f.call(Hal.lowerIrql, irql)
        f.return()
    }
}
