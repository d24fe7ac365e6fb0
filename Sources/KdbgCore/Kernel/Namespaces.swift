// SPDX-License-Identifier: GPL-3.0-or-later

// The component prefixes of NT. A routine `IoCreateDriver` is `Io.createDriver`; internal ones lose their letter too: `IopInitializeBootDrivers`
// is `Io.initializeBootDrivers`. Each lives in the folder of its prefix.

/// The hardware abstraction layer, in hal.dll.
package enum Hal {}
/// The kernel proper: processors, traps, threads, dispatcher objects.
package enum Ke {}
/// The executive: start-up, pool, worker threads, lookaside lists.
package enum Ex {}
/// The memory manager.
package enum Mm {}
/// The object manager.
package enum Ob {}
/// Processes and threads.
package enum Ps {}
/// The I/O manager, with the plug and play manager.
package enum Io {}
/// The configuration manager (registry).
package enum Cm {}
/// The kernel debugger support and KDBG.
package enum Kd {}
/// The security reference monitor.
package enum Se {}
/// What file systems share.
package enum FsRtl {}
/// Local procedure calls.
package enum Lpc {}
/// Power.
package enum Po {}
/// The run-time library.
package enum Rtl {}
/// The subsystems that start-up only calls in passing: cache, plug and play, WMI, boot video.
package enum Misc {}
