// SPDX-License-Identifier: GPL-3.0-or-later

/// Volume parameter blocks: how a disk finds its volume (spec/boot.md sections 5.5 and 6, volume.c).
extension Io {
    private static let vpbLock: Global = .init("IopVpbSpinLock")

    /// `IoAcquireVpbSpinLock(Irql*)`.
    package static let acquireVpbSpinLock: Routine = .init("IoAcquireVpbSpinLock", ["Irql"]) { f in
        f.set(f.argument(0).byte(), f.call(Hal.acquireSpinLock, vpbLock))
        f.return()
    }

    /// `IoReleaseVpbSpinLock(Irql)`.
    package static let releaseVpbSpinLock: Routine = .init("IoReleaseVpbSpinLock", ["Irql"]) { f in
        f.call(Hal.releaseSpinLock, vpbLock, f.argument(0))
        f.return()
    }

    /// `IopCreateVpb(DeviceObject*) -> status`: nothing is mounted yet.
    static let createVpb: Routine = .init("IopCreateVpb", ["DeviceObject"]) { f in
        let block = f.call(Ex.allocatePoolWithTag, 0, VPB.size, Value.tag("Vpb "))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let vpb = block.as(VPB.self)
        f.zero(vpb, VPB.size)
        f.set(vpb.Type, IoType.vpb)
        f.set(vpb.Size, VPB.size)
        f.set(vpb.address(of: \.RealDevice).dword(), f.argument(0))
        f.set(f.argument(0, DEVICE_OBJECT.self).address(of: \.Vpb).dword(), vpb)
        f.return(Status.success)
    }

    /// `IopDereferenceVpb(Vpb*)`: one open file less. The last one of a block that its device has given up frees it.
    static let dereferenceVpb: Routine = .init("IopDereferenceVpb", ["Vpb"]) { f in
        let vpb = f.argument(0, VPB.self)
        let irql = f.local(0)
        f.call(acquireVpbSpinLock, f.address(of: irql))
        f.set(vpb.ReferenceCount, vpb.ReferenceCount - 1)
        let isOver = f.local(vpb.ReferenceCount == 0 && (vpb.Flags & Value(VpbFlag.persistent)) == 0)
        f.if(isOver != 0) { f.if(vpb.RealDevice.Vpb.value == vpb.value) { f.set(isOver, 0) } }
        f.call(releaseVpbSpinLock, irql)
        f.if(isOver != 0) { f.call(Ex.freePoolWithTag, vpb, Value.tag("Vpb ")) }
        f.return()
    }

    /// `IopDereferenceVpbAndFree(Vpb*)`: the device itself goes.
    static let dereferenceVpbAndFree: Routine = .init("IopDereferenceVpbAndFree", ["Vpb"]) { f in
        let vpb = f.argument(0, VPB.self)
        f.if(vpb.ReferenceCount == 0) { f.call(Ex.freePoolWithTag, vpb, Value.tag("Vpb ")) }
        f.return()
    }

    /// `IopCheckVpbMounted(OpenPacket*, DeviceObject*, RemainingName*, Status*) -> VPB* or NULL`: mounts when nobody has; the block gets a reference. A locked
    /// volume: 0xC0000022.
    static let checkVpbMounted: Routine = .init("IopCheckVpbMounted", ["OpenPacket", "DeviceObject", "RemainingName", "Status"]) { f in
        let device = f.argument(1, DEVICE_OBJECT.self)
        let status = f.local(Status.success)
        let irql = f.local(0)
        let isRawAllowed = f.local(f.argument(2, UNICODE_STRING.self).Length == 0)
        f.call(acquireVpbSpinLock, f.address(of: irql))
        f.while((device.Vpb.Flags & Value(VpbFlag.mounted)) == 0) {
            f.call(releaseVpbSpinLock, irql)
            f.set(status, f.call(mountVolume, device, isRawAllowed, 0))
            f.if(status.isError) {
                f.set(f.argument(3).dword(), status)
                f.return(0)
            }
            f.call(acquireVpbSpinLock, f.address(of: irql))
        }
        let vpb = f.local(device.Vpb)
        f.if((vpb.Flags & Value(VpbFlag.locked)) != 0) {
            f.set(status, Status.accessDenied)
        } else: {
            f.set(vpb.ReferenceCount, vpb.ReferenceCount + 1)
        }
        f.call(releaseVpbSpinLock, irql)
        f.set(f.argument(3).dword(), status)
        f.if(status.isError) { f.return(0) }
        f.return(vpb)
    }

    /// `IoGetVolumeParameterBlock`, as far as a command or a driver asks: the block of a device whose volume is mounted, with a reference, or NULL.
    static let referenceVerifyVpb: Routine = .init("IopReferenceVerifyVpb", ["DeviceObject", "Vpb", "VolumeDeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irql = f.local(0)
        f.set(f.argument(1).dword(), 0)
        f.set(f.argument(2).dword(), 0)
        f.call(acquireVpbSpinLock, f.address(of: irql))
        f.if(device.Vpb.isNotNull) {
            f.if((device.Vpb.Flags & Value(VpbFlag.mounted)) != 0) {
                f.set(device.Vpb.ReferenceCount, device.Vpb.ReferenceCount + 1)
                f.set(f.argument(1).dword(), device.Vpb)
                f.set(f.argument(2).dword(), device.Vpb.DeviceObject)
            }
        }
        f.call(releaseVpbSpinLock, irql)
        f.return()
    }
}

/// Bits of VPB.Flags.
package enum VpbFlag {
    package static let mounted: UInt32 = 0x01
    package static let locked: UInt32 = 0x02
    package static let persistent: UInt32 = 0x04
    package static let removePending: UInt32 = 0x08
    package static let rawMount: UInt32 = 0x10
    package static let directWritesAllowed: UInt32 = 0x20
}
