// SPDX-License-Identifier: GPL-3.0-or-later

/// Security descriptors of objects. There is one, and everybody may do everything.
extension Ob {
    /// `SePublicDefaultUnrestrictedSd`, self-relative: owner Administrators, group Local System, one entry that allows Everyone all.
    static let publicDefaultDescriptor: Global = .init("SePublicDefaultUnrestrictedSd", size: 76, section: .constants) {
        [
            .bytes([1, 0, 0x04, 0x80]), .dword(20), .dword(36), .dword(0), .dword(48),
            .bytes([1, 2, 0, 0, 0, 0, 0, 5]), .dword(32), .dword(544),
            .bytes([1, 1, 0, 0, 0, 0, 0, 5]), .dword(18),
            .bytes([2, 0, 28, 0, 1, 0, 0, 0]), .bytes([0, 0, 20, 0]), .dword(0x1000_0000),
            .bytes([1, 1, 0, 0, 0, 0, 0, 1]), .dword(0),
        ]
    }

    /// `SeDefaultObjectMethod(Object, Operation, SecurityInformation*, Descriptor*, Length*, ObjectsDescriptor**, PoolType, GenericMapping*) -> status`:
    /// 0 set, 1 query, 2 delete, 3 assign.
    static let defaultObjectMethod: Routine = .init(
        "SeDefaultObjectMethod",
        [
            "Object", "OperationType", "SecurityInformation", "SecurityDescriptor", "CapturedLength", "ObjectsSecurityDescriptor",
            "PoolType", "GenericMapping",
        ]
    ) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let size = publicDefaultDescriptor.size
        f.if(f.argument(1) == 3) {
            f.set(header.SecurityDescriptor, f.argument(3))
            f.set(header.Flags, header.Flags | Value(ObjectFlag.security))
            f.return(Status.success)
        }
        f.if(f.argument(1) == 2) {
            f.set(header.SecurityDescriptor, 0)
            f.set(header.Flags, header.Flags & ~Value(ObjectFlag.security))
            f.return(Status.success)
        }
        f.if(f.argument(1) == 1) {
            let room = f.local(f.argument(4).dword())
            f.set(f.argument(4).dword(), size)
            f.if(room < Value(size)) { f.return(Status.bufferTooSmall) }
            f.copy(to: f.argument(3), from: publicDefaultDescriptor, size)
            f.return(Status.success)
        }
        f.return(Status.notImplemented)
    }

    /// `ObpAssignSecurity(ObjectHeader*)`: a new object gets its descriptor if its type keeps them in the header.
    static let assignSecurity: Routine = .init("ObpAssignSecurity", ["ObjectHeader"]) { f in
        let header = f.argument(0, OBJECT_HEADER.self)
        f.if(header.Type.TypeInfo.SecurityProcedure == defaultObjectMethod.value && header.SecurityDescriptor == 0) {
            f.callIndirect(
                header.Type.TypeInfo.SecurityProcedure, header.body, 3, 0, publicDefaultDescriptor, 0, 0, 0,
                header.Type.TypeInfo.GenericMapping)
        }
        f.return()
    }
}
