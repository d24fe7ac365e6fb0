// SPDX-License-Identifier: GPL-3.0-or-later

/// A routine of the simulated system: i386 code described by Swift (design section 4), or the guest stub of a Swift service.
package struct Routine: Item {
    package let name: String
    package let module: Module
    package let section: Section
    /// Names of the arguments, first to last; each is a dword on the stack.
    package let parameters: [String]
    package let convention: Convention
    /// What a service reaches in guest memory by itself; linked in with it.
    let uses: [any Item]
    /// The boot step that the routine performs, when it is one.
    package let step: Step?
    let body: Body
    package let declaration: Declaration
    /// The name of the copy that each other image has that calls it; nil: they import it.
    var copyName: String?
    package var content: ItemContent { .routine(self) }

    /// Who takes the arguments off the stack.
    package enum Convention: Sendable {
        /// The routine itself.
        case stdcall
        /// The caller; for routines with a variable number of arguments and for language handlers.
        case cdecl
    }

    /// How a routine marks itself as a boot step: its number in spec/boot.md, a title, a paragraph of explanation.
    package struct Step: Sendable {
        let number: StepNumber
        let title: String
        let explanation: String

        /// - Parameter number: as `StepNumber` prints it, such as `1.9 #11`.
        package init(_ number: String, _ title: String, _ explanation: String) {
            guard let number = StepNumber(number) else { preconditionFailure("not a step number: \(number)") }
            self.number = number
            self.title = title
            self.explanation = explanation
        }
    }

    enum Body: Sendable {
        /// Code with an EBP frame.
        case framed(@Sendable (Function) -> Void)
        /// Code that looks after its stack itself: trap stubs, context switches.
        case naked(@Sendable (Function) -> Void)
        /// A Swift service behind a VMCALL.
        case native(@Sendable (ServiceCall) -> UInt32)
        /// A VMCALL that the debugger answers.
        case host
    }

    init(
        _ name: String, _ parameters: [String], module: Module, section: Section, convention: Convention, step: Step?,
        uses: [any Item] = [], body: Body, declaration: Declaration
    ) {
        self.name = name
        self.parameters = parameters
        self.module = module
        self.section = section
        self.convention = convention
        self.step = step
        self.uses = uses
        self.body = body
        self.declaration = declaration
    }

    /// The same routine as a boot step.
    package func asStep(_ step: Step) -> Routine {
        Routine(
            name, parameters, module: module, section: section, convention: convention, step: step, uses: uses, body: body,
            declaration: declaration)
    }

    /// A routine in guest code; `body` states what it does.
    package init(
        _ name: String, _ parameters: [String] = [], module: Module = .kernel, section: Section = .text, convention: Convention = .stdcall,
        step: Step? = nil, file: StaticString = #fileID, line: UInt = #line, body: @escaping @Sendable (Function) -> Void
    ) {
        self.init(
            name, parameters, module: module, section: section, convention: convention, step: step, body: .framed(body),
            declaration: Declaration(file: file, line: line))
    }

    /// A boot step in the INIT section: the row of the specification, then the routine, then what a person is told.
    package static func bootStep(
        _ number: String, _ name: String, _ parameters: [String], _ title: String, _ explanation: String, module: Module = .kernel,
        file: StaticString = #fileID, line: UInt = #line, body: @escaping @Sendable (Function) -> Void = { f in f.return(1) }
    ) -> Routine {
        Routine(
            name, parameters, module: module, section: .initialization, step: .init(number, title, explanation), file: file, line: line,
            body: body)
    }

    /// A routine in guest code without a frame of its own.
    package static func naked(
        _ name: String, _ parameters: [String] = [], module: Module = .kernel, section: Section = .text, step: Step? = nil,
        file: StaticString = #fileID, line: UInt = #line, body: @escaping @Sendable (Function) -> Void
    ) -> Routine {
        Routine(
            name, parameters, module: module, section: section, convention: .stdcall, step: step, body: .naked(body),
            declaration: Declaration(file: file, line: line))
    }

    /// A leaf service in Swift (design rule 2): it reads and writes guest memory, keeps nothing of its own, and returns EAX.
    package static func native(
        _ name: String, _ parameters: [String] = [], module: Module = .kernel, section: Section = .text, convention: Convention = .stdcall,
        uses: [any Item] = [], step: Step? = nil, file: StaticString = #fileID, line: UInt = #line,
        body: @escaping @Sendable (ServiceCall) -> UInt32
    ) -> Routine {
        Routine(
            name, parameters, module: module, section: section, convention: convention, step: step, uses: uses, body: .native(body),
            declaration: Declaration(file: file, line: line))
    }

    /// A routine that the debugger answers; see `HostCall`.
    package static func host(
        _ name: String, _ parameters: [String], file: StaticString = #fileID, line: UInt = #line
    ) -> Routine {
        Routine(
            name, parameters, module: .kernel, section: .text, convention: .stdcall, step: nil, body: .host,
            declaration: Declaration(file: file, line: line))
    }
}
