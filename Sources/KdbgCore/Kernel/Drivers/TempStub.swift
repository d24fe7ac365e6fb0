package struct BootDriverImage: Sendable {
    package let service: String; package let entry: Routine; package var module: Module { entry.module }
    package static let all: [BootDriverImage] = []
}
