// SPDX-License-Identifier: GPL-3.0-or-later

extension Se {
    /// What ntoskrnl.exe offers to drivers about security, whether anybody calls it or not.
    package static let exports: [any Item] =
        [
            accessCheck, singlePrivilegeCheck, sePrivilegeCheck, captureSubjectContext, releaseSubjectContext, assignSecurity,
            querySecurityDescriptorInfo, tokenObjectType, publicDefault.dacl, systemDefault.dacl, Ps.referencePrimaryToken,
            Ex.ntAllocateLocallyUniqueId,
        ] + runTime

    private static let runTime: [any Item] = [
        Rtl.lengthSid, Rtl.validSid, Rtl.initializeSid, Rtl.subAuthoritySid, Rtl.equalSid, Rtl.copySid, Rtl.createAcl,
        Rtl.addAccessAllowedAce, Rtl.createSecurityDescriptor, Rtl.setDaclSecurityDescriptor, Rtl.mapGenericMask, Rtl.compareMemory,
        descriptorLength,
    ]
}
