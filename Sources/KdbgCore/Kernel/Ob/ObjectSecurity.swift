// SPDX-License-Identifier: GPL-3.0-or-later

/// Security descriptors of objects.
extension Ob {
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
        f.if(f.argument(1) == 3) { f.return(f.call(assignObjectSecurityDescriptor, f.argument(0), f.argument(3), f.argument(6))) }
        f.if(f.argument(1) == 2) { f.return(f.call(deassignSecurity, f.argument(0))) }
        f.if(f.argument(1) == 1) {
            f.return(
                f.call(
                    Se.querySecurityDescriptorInfo, f.argument(2), f.argument(3), f.argument(4), header.address(of: \.SecurityDescriptor)))
        }
        f.return(Status.notImplemented)
    }

    /// `ObAssignObjectSecurityDescriptor(Object, SecurityDescriptor* or NULL, PoolType) -> status`: the cached one that is equal.
    static let assignObjectSecurityDescriptor: Routine = .init(
        "ObAssignObjectSecurityDescriptor", ["Object", "SecurityDescriptor", "PoolType"]
    ) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        let cached = f.local(0)
        f.if(f.argument(1) == 0) { f.return(Status.success) }
        let status = f.call(logSecurityDescriptor, f.argument(1), f.address(of: cached), 1)
        f.if(status.isError) { f.return(status) }
        f.set(header.SecurityDescriptor, cached)
        f.set(header.Flags, header.Flags | Value(ObjectFlag.security))
        f.return(status)
    }

    /// `ObpDeassignSecurity(Object) -> status`: before the object goes.
    private static let deassignSecurity: Routine = .init("ObpDeassignSecurity", ["Object"]) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        let descriptor = f.local(header.SecurityDescriptor)
        f.set(header.SecurityDescriptor, 0)
        f.set(header.Flags, header.Flags & ~Value(ObjectFlag.security))
        f.if(descriptor != 0) { f.call(dereferenceSecurityDescriptor, descriptor, 1) }
        f.return(Status.success)
    }

    /// `ObpAssignSecurity(ObjectHeader*) -> status`: a new object gets its descriptor if its type keeps them in the header. Objects that are older than the
    /// system's token have none.
    static let assignSecurity: Routine = .init("ObpAssignSecurity", ["ObjectHeader"]) { f in
        let header = f.argument(0, OBJECT_HEADER.self)
        f.if(header.Type.TypeInfo.SecurityProcedure != defaultObjectMethod.value || header.SecurityDescriptor != 0) {
            f.return(Status.success)
        }
        let subject = f.structure(SECURITY_SUBJECT_CONTEXT.self)
        f.call(Se.captureSubjectContext, subject)
        f.if(subject.PrimaryToken == 0) { f.return(Status.success) }
        let explicit = f.local(0)
        // Nobody has checked and copied the descriptor that user mode gives.
        f.if((header.Flags & Value(ObjectFlag.createInfo)) != 0 && (header.Flags & Value(ObjectFlag.kernelMode)) != 0) {
            f.if(header.ObjectCreateInfo.isNotNull) { f.set(explicit, header.ObjectCreateInfo.SecurityDescriptor) }
        }
        let descriptor = f.local(0)
        let status = f.local(
            f.call(
                Se.assignSecurity, 0, explicit, f.address(of: descriptor), 0, subject, header.Type.TypeInfo.GenericMapping, 1))
        f.if(status.isSuccess) {
            f.set(
                status,
                f.callIndirect(
                    header.Type.TypeInfo.SecurityProcedure, header.body, 3, 0, descriptor, 0, 0, 1, header.Type.TypeInfo.GenericMapping))
            f.call(Ex.freePoolWithTag, descriptor, Value.tag("SeSd"))
        }
        f.call(Se.releaseSubjectContext, subject)
        f.return(status)
    }
}
