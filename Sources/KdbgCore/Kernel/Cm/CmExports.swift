// SPDX-License-Identifier: GPL-3.0-or-later

/// The registry's services for drivers, whether anybody imports them or not.
extension Cm {
    package static let exports: [any Item] = [
        zwOpenKey, zwCreateKey, zwQueryKey, zwEnumerateKey, zwQueryValueKey, zwEnumerateValueKey, zwSetValueKey, zwDeleteKey, zwClose,
        Io.zwLoadDriver,
        Io.zwUnloadDriver, keyObjectType,
    ]
}
