// SPDX-License-Identifier: GPL-3.0-or-later

/// The device tree: one DEVICE_NODE per physical device object (spec/boot.md section 5.20).
extension Io {
    /// Values of DEVICE_NODE.State.
    enum DeviceNodeState {
        static let initialized: UInt32 = 0x302
        static let driversAdded: UInt32 = 0x303
        static let started: UInt32 = 0x308
        static let enumerateCompletion: UInt32 = 0x30E
    }

    /// `PipAllocateDeviceNode(PhysicalDeviceObject*) -> DEVICE_NODE* or NULL`.
    static let allocateDeviceNode: Routine = .init("PipAllocateDeviceNode", ["PhysicalDeviceObject"]) { f in
        let block = f.call(Ex.allocatePoolWithTag, 0, DEVICE_NODE.size, Value.tag("DevN"))
        f.if(block == 0) { f.return(0) }
        let node = block.as(DEVICE_NODE.self)
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.zero(node, DEVICE_NODE.size)
        f.set(node.State, DeviceNodeState.initialized)
        f.set(node.address(of: \.PhysicalDeviceObject).dword(), device)
        f.set(device.DeviceObjectExtension.address(of: \.DeviceNode).dword(), node)
        f.set(device.Flags, device.Flags | Value(DeviceFlag.busEnumerated))
        f.return(node)
    }

    /// `PiInsertDevNode(DeviceNode*, Parent*)`: as the parent's last child.
    static let insertDeviceNode: Routine = .init("PiInsertDevNode", ["DeviceNode", "ParentNode"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        let parent = f.argument(1, DEVICE_NODE.self)
        f.set(node.address(of: \.Parent).dword(), parent)
        f.set(node.Level, parent.Level + 1)
        f.if(parent.LastChild.isNull) {
            f.set(parent.address(of: \.Child).dword(), node)
        } else: {
            f.set(parent.LastChild.address(of: \.Sibling).dword(), node)
        }
        f.set(parent.address(of: \.LastChild).dword(), node)
        f.return()
    }

    /// `PiProcessDeviceNode(DeviceNode*, Whole)`: brings a node and those below it as far as drivers allow: AddDevice, start, enumeration of children.
    /// Without `Whole` only the node's own children get their drivers.
    static let processDeviceNode: Routine = Routine("PiProcessDeviceNode", ["DeviceNode", "Whole"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        f.call(advanceDeviceNode, node, f.argument(1))
        let child = f.local(node.Child)
        f.while(child.isNotNull) {
            f.if(f.argument(1) != 0) {
                f.call(processDeviceNode, child, 1)
            } else: {
                f.call(advanceDeviceNode, child, 0)
            }
            f.set(child.value, child.Sibling)
        }
        f.return()
    }

    /// `PiAdvanceDeviceNode(DeviceNode*, Enumerate)`: the steps of one node.
    static let advanceDeviceNode: Routine = .init("PiAdvanceDeviceNode", ["DeviceNode", "Enumerate"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        f.if(node.State == Value(DeviceNodeState.initialized)) {
            let status = f.call(callDriverAddDevice, node)
            f.if(status.isError) { f.return() }
            f.set(node.State, DeviceNodeState.driversAdded)
        }
        f.if(node.State == Value(DeviceNodeState.driversAdded)) {
            let information = f.local(0)
            let status = f.call(pnpRequest, node, 0, 0, f.address(of: information))
            f.if(status.isError) { f.return() }
            f.set(node.State, DeviceNodeState.started)
        }
        f.if(node.State == Value(DeviceNodeState.started) && f.argument(1) != 0) {
            f.call(enumerateDevice, node)
            f.set(node.State, DeviceNodeState.enumerateCompletion)
        }
        f.return()
    }

    /// `PiCallDriverAddDevice(DeviceNode*) -> status`: builds the node's stack: lower filters, the service's driver, upper filters. 0xC000026C: the driver is not there.
    static let callDriverAddDevice: Routine = .init("PiCallDriverAddDevice", ["DeviceNode"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        let status = f.local(Status.success)
        f.if(node.ServiceName.Length == 0) {
            // A raw device does without a function driver.
            f.if((f.call(queryDeviceCapabilities, node) & Value(Capability.rawDevice)) == 0) { f.return(Status.noSuchDriver) }
            f.call(addFilters, node, f.wide("LowerFilters"))
        } else: {
            f.call(addFilters, node, f.wide("LowerFilters"))
            f.set(status, f.call(callServiceAddDevice, node, node.address(of: \.ServiceName)))
        }
        f.if(status.isSuccess) { f.call(addFilters, node, f.wide("UpperFilters")) }
        f.return(status)
    }

    /// `PiEnumerateDevice(DeviceNode*)`: asks the bus for its children and makes a node for each new one.
    static let enumerateDevice: Routine = .init("PiEnumerateDevice", ["DeviceNode"]) { f in
        let relations = f.local(0)
        let status = f.call(pnpRequest, f.argument(0), 7, 0, f.address(of: relations))
        f.if(status.isError || relations == 0) { f.return() }
        let index = f.local(0)
        f.while(index < relations.dword()) {
            let device = f.local(Pointer<DEVICE_OBJECT>((relations + (index << 2)).dword(4)))
            f.if(device.DeviceObjectExtension.DeviceNode.isNull) {
                let node = f.call(allocateDeviceNode, device).as(DEVICE_NODE.self)
                f.if(node.isNotNull) {
                    f.call(insertDeviceNode, node, f.argument(0))
                    f.call(findService, node)
                }
            }
            f.add(index, 1)
        }
        f.call(Ex.freePoolWithTag, relations, 0)
        f.return()
    }

    /// `PiFindService(DeviceNode*)`: asks for the hardware identifier and looks it up among the critical devices, which the registry names.
    static let findService: Routine = .init("PiFindService", ["DeviceNode"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        let identifier = f.local(f.call(queryDeviceId, node, QueryId.hardware))
        f.if(identifier == 0) { f.return() }
        let wanted = f.structure(UNICODE_STRING.self)
        let guid = f.stringBuffer(48)
        f.call(Rtl.initUnicodeString, wanted, identifier)
        let status = f.call(createDeviceInstancePath, node, wanted)
        f.if(status.isSuccess) {
            f.call(criticalDeviceService, wanted, node.address(of: \.ServiceName), guid)
            f.call(recordDevice, node, wanted, guid)
            f.if(node.ServiceName.Length != 0) { f.call(setServiceEnumData, node) }
        }
        f.call(Ex.freePoolWithTag, identifier, 0)
        f.return()
    }

    /// `IopPnpRequest(DeviceNode*, MinorFunction, Argument, Information*) -> status`: IRP_MJ_PNP to the top of the node's stack, waited for.
    static let pnpRequest: Routine = .init("IopPnpRequest", ["DeviceNode", "MinorFunction", "Argument", "Information"]) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let device = f.call(getAttachedDevice, f.argument(0, DEVICE_NODE.self).PhysicalDeviceObject)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.call(buildSynchronousFsdRequest, Major.pnp, device, 0, 0, 0, event, result).as(IRP.self)
        f.if(irp.isNull) { f.return(Status.insufficientResources) }
        let stack = (irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self)
        f.set(irp.IoStatus.Status, Status.notSupported)
        f.set(stack.MinorFunction, f.argument(1))
        f.set(stack.Argument1, f.argument(2))
        let status = f.local(f.call(callDriver, device, irp))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, event, 0, 0, 0, 0)
            f.set(status, result.Status)
        }
        f.set(f.argument(3).dword(), result.Information)
        f.return(status)
    }

    /// `IoReportDetectedDevice(DriverObject*, LegacyBusType, BusNumber, SlotNumber, ResourceList, ResourceRequirements, ResourceAssigned,
    /// DeviceObject**) -> status`: a device that a driver found by itself gets a physical device object and a node below the root, already started.
    package static let reportDetectedDevice: Routine = .init(
        "IoReportDetectedDevice",
        [
            "DriverObject", "LegacyBusType", "BusNumber", "SlotNumber", "ResourceList", "ResourceRequirements", "ResourceAssigned",
            "DeviceObject",
        ]
    ) { f in
        f.pagedCode()
        let made = f.local(0)
        let status = f.call(createDevice, rootDriverObject.dword, 0, 0, 0x22, 0x80, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        let node = f.call(allocateDeviceNode, device).as(DEVICE_NODE.self)
        f.if(node.isNull) {
            f.call(deleteDevice, device)
            f.return(Status.insufficientResources)
        }
        f.set(node.State, DeviceNodeState.started)
        f.copy(
            to: node.address(of: \.ServiceName), from: f.argument(0, DRIVER_OBJECT.self).DriverExtension.address(of: \.ServiceKeyName),
            UNICODE_STRING.size)
        // `Root\<service>\<number>`; a driver that IoCreateDriver has made has its object's path for a service.
        let path = f.stringBuffer(100)
        let service = f.structure(UNICODE_STRING.self)
        f.call(lastComponent, node.address(of: \.ServiceName), service)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"Root\"#))
        f.call(Rtl.appendUnicodeStringToString, path, service)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\"#))
        f.call(appendInstanceNumber, path, rootDeviceNode.dword)
        f.call(Rtl.duplicateUnicodeString, node.address(of: \.InstancePath), path, Value.tag("Io  "))
        f.call(insertDeviceNode, node, rootDeviceNode.dword)
        f.set(f.argument(7).dword(), device)
        f.return(Status.success)
    }
}
