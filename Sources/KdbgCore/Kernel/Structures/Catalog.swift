// SPDX-License-Identifier: GPL-3.0-or-later

/// Every structure that has a layout, by its name. Swift cannot list the types of a folder; a test compares this file with it.
package enum StructureCatalog {
    /// In the order of their names.
    package static let types: [any Structure.Type] = [
        ACCESS_ALLOWED_ACE.self, ACL.self, ADAPTER_OBJECT.self, ARC_DISK_INFORMATION.self, ARC_DISK_SIGNATURE.self,
        BOOT_DRIVER_LIST_ENTRY.self, BREAKPOINT_ENTRY.self, BUS_HANDLER.self, CALLBACK_OBJECT.self, CLIENT_ID.self, CMHIVE.self,
        CM_KEY_BODY.self, CM_KEY_CONTROL_BLOCK.self, CM_KEY_NODE.self, CM_KEY_VALUE.self, CM_NAME_CONTROL_BLOCK.self, CM_PARSE_CONTEXT.self,
        CM_SYSTEM_CONTROL_VECTOR.self, CONFIGURATION_COMPONENT_DATA.self, CONFIGURATION_INFORMATION.self, CONTEXT.self,
        CONTROLLER_OBJECT.self, CONTROL_AREA.self, CPPORT.self, DBGKD_ANY_WAIT_STATE_CHANGE.self, DBGKD_DEBUG_DATA_HEADER64.self,
        DBGKD_DEBUG_IO.self, DBGKD_GET_VERSION64.self, DBGKD_MANIPULATE_STATE64.self, DEVICE_DESCRIPTION.self, DEVICE_MAP.self,
        DEVICE_NODE.self, DEVICE_OBJECT.self, DEVOBJ_EXTENSION.self, DISPATCHER_HEADER.self, DMA_ADAPTER.self, DMA_OPERATIONS.self,
        DRIVER_EXTENSION.self, DRIVER_INFORMATION.self, DRIVER_OBJECT.self, DRIVER_REINIT_ITEM.self, DUAL.self, EPROCESS.self,
        ERESOURCE.self, ERROR_LOG_ENTRY.self, ETHREAD.self, EXCEPTION_RECORD.self, EXCEPTION_REGISTRATION_RECORD.self,
        EXTENDED_DRIVER_EXTENSION.self, EX_FAST_REF.self, EX_WORK_QUEUE.self, FADT.self, FAST_IO_DISPATCH.self, FILE_OBJECT.self,
        FLOATING_SAVE_AREA.self, GENERAL_LOOKASIDE.self, GENERIC_MAPPING.self, HAL_BUS_HANDLER.self, HAL_DISPATCH.self,
        HAL_PRIVATE_DISPATCH.self, HANDLE_TABLE.self, HANDLE_TABLE_ENTRY.self, HBASE_BLOCK.self, HBIN.self, HHIVE.self, HMAP_ENTRY.self,
        I386_LOADER_BLOCK.self, IMAGE_BASE_RELOCATION.self, IMAGE_DATA_DIRECTORY.self, IMAGE_DOS_HEADER.self, IMAGE_EXPORT_DIRECTORY.self,
        IMAGE_FILE_HEADER.self, IMAGE_IMPORT_DESCRIPTOR.self, IMAGE_NT_HEADERS.self, IMAGE_OPTIONAL_HEADER.self, IMAGE_SECTION_HEADER.self,
        IO_CLIENT_EXTENSION.self, IO_COMPLETION_CONTEXT.self, IO_ERROR_LOG_PACKET.self, IO_MINI_COMPLETION_PACKET.self, IO_REMOVE_LOCK.self,
        IO_REMOVE_LOCK_TRACKING_BLOCK.self, IO_STACK_LOCATION.self, IO_STATUS_BLOCK.self, IO_TIMER.self, IO_WORKITEM.self, IRP.self,
        KAPC.self, KAPC_STATE.self, KDDEBUGGER_DATA64.self, KDEVICE_QUEUE.self, KDEVICE_QUEUE_ENTRY.self, KDPC.self, KDPC_DATA.self,
        KD_CONTEXT.self, KD_DISPATCH_TABLE.self, KD_PACKET.self, KD_SYMBOLS_INFO.self, KEVENT.self, KEY_BASIC_INFORMATION.self,
        KEY_FULL_INFORMATION.self, KEY_VALUE_FULL_INFORMATION.self, KEY_VALUE_PARTIAL_INFORMATION.self, KGDTENTRY.self, KGUARDED_MUTEX.self,
        KIDTENTRY.self, KIIO_ACCESS_MAP.self, KINTERRUPT.self, KMUTANT.self, KPCR.self, KPRCB.self, KPROCESS.self, KPROCESSOR_STATE.self,
        KQUEUE.self, KSEMAPHORE.self, KSPECIAL_REGISTERS.self, KSPIN_LOCK.self, KSPIN_LOCK_QUEUE.self, KTHREAD.self, KTIMER.self,
        KTRAP_FRAME.self, KTSS.self, KUSER_SHARED_DATA.self, KWAIT_BLOCK.self, LARGE_INTEGER.self, LDR_DATA_TABLE_ENTRY.self,
        LIST_ENTRY.self, LIST_ENTRY64.self, LOADER_PARAMETER_BLOCK.self, LOADER_PARAMETER_EXTENSION.self, LUID.self,
        LUID_AND_ATTRIBUTES.self, MDL.self, MEMORY_ALLOCATION_DESCRIPTOR.self, MMADDRESS_NODE.self, MMCOLOR_TABLES.self,
        MMFREE_POOL_ENTRY.self, MMPFN.self, MMPFNLIST.self, MMSESSION.self, MMVAD.self, MMVIEW.self, MM_AVL_TABLE.self,
        MM_PAGED_POOL_INFO.self, NLS_DATA_BLOCK.self, NPAGED_LOOKASIDE_LIST.self, NT_TIB.self, OBJECT_ATTRIBUTES.self,
        OBJECT_CREATE_INFORMATION.self, OBJECT_DIRECTORY.self, OBJECT_DIRECTORY_ENTRY.self, OBJECT_HEADER.self,
        OBJECT_HEADER_CREATOR_INFO.self, OBJECT_HEADER_HANDLE_INFO.self, OBJECT_HEADER_NAME_INFO.self, OBJECT_HEADER_QUOTA_INFO.self,
        OBJECT_SYMBOLIC_LINK.self, OBJECT_TYPE.self, OBJECT_TYPE_INITIALIZER.self, OPEN_PACKET.self, PEB_LDR_DATA.self,
        PHYSICAL_MEMORY_DESCRIPTOR.self, PHYSICAL_MEMORY_RUN.self, POOL_DESCRIPTOR.self, POOL_HEADER.self, POOL_TRACKER_BIG_PAGES.self,
        POOL_TRACKER_TABLE.self, PP_LOOKASIDE_LIST.self, RESERVE_IRP_ALLOCATOR.self, RTLP_RANGE_LIST_ENTRY.self, RTL_BITMAP.self,
        RTL_RANGE_LIST.self, RTL_TIME_ZONE_INFORMATION.self, SCSI_REQUEST_BLOCK.self, SECTION.self, SECTION_IMAGE_INFORMATION.self,
        SECTION_OBJECT_POINTERS.self, SECURITY_DESCRIPTOR.self, SECURITY_DESCRIPTOR_HEADER.self, SECURITY_SUBJECT_CONTEXT.self,
        SEGMENT.self, SETUP_LOADER_BLOCK.self, SHARED_CACHE_MAP.self, SHARE_ACCESS.self, SHUTDOWN_ENTRY.self, SID.self,
        SID_AND_ATTRIBUTES.self, SINGLE_LIST_ENTRY.self, STRING.self, SUBSECTION.self, SUPPORTED_RANGE.self, SUPPORTED_RANGES.self,
        TIME_FIELDS.self, TOKEN.self, TOKEN_SOURCE.self, UNICODE_STRING.self, VPB.self, WAIT_CONTEXT_BLOCK.self, WORK_QUEUE_ITEM.self,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: types.map { (name(of: $0), $0) })

    /// What C calls the type.
    package static func name(of type: any Structure.Type) -> String { "\(type)" }

    /// The type of that name. A leading underscore, as WinDbg writes tags, and the case of letters do not count.
    package static func type(named name: String) -> (any Structure.Type)? {
        var upper = name.uppercased()
        if byName[upper] == nil, upper.hasPrefix("_") { upper.removeFirst() }
        // The kernel's own view of the structure has another name.
        return byName[upper] ?? (upper == "KIPCR" ? KPCR.self : nil)
    }
}
