// SPDX-License-Identifier: GPL-3.0-or-later

/// The 296 system services of NT 5.2 by number (spec/boot.md section 4.11): in the order of their names, with seven latecomers.
extension Ke {
    static let serviceNames: [String] = """
        AcceptConnectPort AccessCheck AccessCheckAndAuditAlarm AccessCheckByType AccessCheckByTypeAndAuditAlarm AccessCheckByTypeResultList
        AccessCheckByTypeResultListAndAuditAlarm AccessCheckByTypeResultListAndAuditAlarmByHandle AddAtom AddBootEntry AddDriverEntry
        AdjustGroupsToken AdjustPrivilegesToken AlertResumeThread AlertThread AllocateLocallyUniqueId AllocateUserPhysicalPages
        AllocateUuids AllocateVirtualMemory ApphelpCacheControl AreMappedFilesTheSame AssignProcessToJobObject CallbackReturn
        CancelDeviceWakeupRequest CancelIoFile CancelTimer ClearEvent Close CloseObjectAuditAlarm CompactKeys CompareTokens
        CompleteConnectPort CompressKey ConnectPort Continue CreateDebugObject CreateDirectoryObject CreateEvent CreateEventPair CreateFile
        CreateIoCompletion CreateJobObject CreateJobSet CreateKey CreateMailslotFile CreateMutant CreateNamedPipeFile CreatePagingFile
        CreatePort CreateProcess CreateProcessEx CreateProfile CreateSection CreateSemaphore CreateSymbolicLinkObject CreateThread
        CreateTimer CreateToken CreateWaitablePort DebugActiveProcess DebugContinue DelayExecution DeleteAtom DeleteBootEntry
        DeleteDriverEntry DeleteFile DeleteKey DeleteObjectAuditAlarm DeleteValueKey DeviceIoControlFile DisplayString DuplicateObject
        DuplicateToken EnumerateBootEntries EnumerateDriverEntries EnumerateKey EnumerateSystemEnvironmentValuesEx EnumerateValueKey
        ExtendSection FilterToken FindAtom FlushBuffersFile FlushInstructionCache FlushKey FlushVirtualMemory FlushWriteBuffer
        FreeUserPhysicalPages FreeVirtualMemory FsControlFile GetContextThread GetDevicePowerState GetPlugPlayEvent GetWriteWatch
        ImpersonateAnonymousToken ImpersonateClientOfPort ImpersonateThread InitializeRegistry InitiatePowerAction IsProcessInJob
        IsSystemResumeAutomatic ListenPort LoadDriver LoadKey LoadKey2 LoadKeyEx LockFile LockProductActivationKeys LockRegistryKey
        LockVirtualMemory MakePermanentObject MakeTemporaryObject MapUserPhysicalPages MapUserPhysicalPagesScatter MapViewOfSection
        ModifyBootEntry ModifyDriverEntry NotifyChangeDirectoryFile NotifyChangeKey NotifyChangeMultipleKeys OpenDirectoryObject OpenEvent
        OpenEventPair OpenFile OpenIoCompletion OpenJobObject OpenKey OpenMutant OpenObjectAuditAlarm OpenProcess OpenProcessToken
        OpenProcessTokenEx OpenSection OpenSemaphore OpenSymbolicLinkObject OpenThread OpenThreadToken OpenThreadTokenEx OpenTimer
        PlugPlayControl PowerInformation PrivilegeCheck PrivilegeObjectAuditAlarm PrivilegedServiceAuditAlarm ProtectVirtualMemory
        PulseEvent QueryAttributesFile QueryBootEntryOrder QueryBootOptions QueryDebugFilterState QueryDefaultLocale
        QueryDefaultUILanguage QueryDirectoryFile QueryDirectoryObject QueryDriverEntryOrder QueryEaFile QueryEvent
        QueryFullAttributesFile QueryInformationAtom QueryInformationFile QueryInformationJobObject QueryInformationPort
        QueryInformationProcess QueryInformationThread QueryInformationToken QueryInstallUILanguage QueryIntervalProfile QueryIoCompletion
        QueryKey QueryMultipleValueKey QueryMutant QueryObject QueryOpenSubKeys QueryOpenSubKeysEx QueryPerformanceCounter
        QueryQuotaInformationFile QuerySection QuerySecurityObject QuerySemaphore QuerySymbolicLinkObject QuerySystemEnvironmentValue
        QuerySystemEnvironmentValueEx QuerySystemInformation QuerySystemTime QueryTimer QueryTimerResolution QueryValueKey
        QueryVirtualMemory QueryVolumeInformationFile QueueApcThread RaiseException RaiseHardError ReadFile ReadFileScatter
        ReadRequestData ReadVirtualMemory RegisterThreadTerminatePort ReleaseMutant ReleaseSemaphore RemoveIoCompletion RemoveProcessDebug
        RenameKey ReplaceKey ReplyPort ReplyWaitReceivePort ReplyWaitReceivePortEx ReplyWaitReplyPort RequestDeviceWakeup RequestPort
        RequestWaitReplyPort RequestWakeupLatency ResetEvent ResetWriteWatch RestoreKey ResumeProcess ResumeThread SaveKey SaveKeyEx
        SaveMergedKeys SecureConnectPort SetBootEntryOrder SetBootOptions SetContextThread SetDebugFilterState SetDefaultHardErrorPort
        SetDefaultLocale SetDefaultUILanguage SetDriverEntryOrder SetEaFile SetEvent SetEventBoostPriority SetHighEventPair
        SetHighWaitLowEventPair SetInformationDebugObject SetInformationFile SetInformationJobObject SetInformationKey SetInformationObject
        SetInformationProcess SetInformationThread SetInformationToken SetIntervalProfile SetIoCompletion SetLdtEntries SetLowEventPair
        SetLowWaitHighEventPair SetQuotaInformationFile SetSecurityObject SetSystemEnvironmentValue SetSystemEnvironmentValueEx
        SetSystemInformation SetSystemPowerState SetSystemTime SetThreadExecutionState SetTimer SetTimerResolution SetUuidSeed SetValueKey
        SetVolumeInformationFile ShutdownSystem SignalAndWaitForSingleObject StartProfile StopProfile SuspendProcess SuspendThread
        SystemDebugControl TerminateJobObject TerminateProcess TerminateThread TestAlert TraceEvent TranslateFilePath UnloadDriver
        UnloadKey UnloadKey2 UnloadKeyEx UnlockFile UnlockVirtualMemory UnmapViewOfSection VdmControl WaitForDebugEvent
        WaitForMultipleObjects WaitForSingleObject WaitHighEventPair WaitLowEventPair WriteFile WriteFileGather WriteRequestData
        WriteVirtualMemory YieldExecution CreateKeyedEvent OpenKeyedEvent ReleaseKeyedEvent WaitForKeyedEvent
        QueryPortInformationProcess GetCurrentProcessorNumber WaitForMultipleObjects32
        """.split { $0 == " " || $0 == "\n" }.map { "Nt\($0)" }

    /// The number of a service.
    static func serviceNumber(_ name: String) -> Int {
        guard let number = serviceNames.firstIndex(of: name) else { preconditionFailure("\(name) is no system service") }
        return number
    }
}
