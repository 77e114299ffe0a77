// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of ours: Swift 6 mode, the upcoming features that the rooms are written for, no warning.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// A thin door to a C library: headers and typed wrappers of variadic calls.
func door(_ name: String, links libraries: [String] = []) -> Target {
  .target(name: name, linkerSettings: libraries.map { .linkedLibrary($0) })
}

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Links Swift's library into a program: it runs where Swift is not installed, starts without looking for it, and calls its
/// functions without a detour. Tests can't be linked so, and would be if a target that they depend on had this setting.
let selfContained: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-stdlib"]
      // FoundationEssentials needs these and names them only to who compiles against its static form.
      + ["_FoundationCShims", "_FoundationCollections", "swiftSynchronization"].flatMap { ["-Xlinker", "-l\($0)"] })
]

/// The program of the room with this name, which holds all of its code.
func program(_ room: String) -> Target {
  .executableTarget(
    name: "\(room)-program", dependencies: [.target(name: room), "CProgram"], swiftSettings: strict,
    linkerSettings: selfContained)
}

/// A complete program that an article of the documentation shows; the tests run it.
func example(_ name: String, _ more: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: "example-\(name)", dependencies: ["EventLoop"] + more, path: "Tests/Examples/\(name)",
    swiftSettings: strict)
}

/// A program of `scripts/bench`.
func benchmark(_ name: String, at folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + ["BenchmarkCounts", "CAllocationCount"], path: "Tests/\(folder)",
    swiftSettings: strict, linkerSettings: selfContained)
}

func tests(_ room: Target.Dependency, named name: String, _ more: [Target.Dependency] = [], resources: [Resource] = [])
  -> Target
{
  .testTarget(name: name, dependencies: [room] + more, resources: resources, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

let examples = [
  "coroutines", "life-of-a-loop", "loop-actors", "delayed-calls", "testing-with-virtual-time", "connections",
  "unix-sockets", "child-processes", "thread-pools", "watching-descriptors", "signals", "introspection",
]
let examplesOfNames = ["connecting-by-name"]

let package = Package(
  name: "crawld",
  products: [
    .executable(name: "crawld", targets: ["crawld-program"]),
    .executable(name: "crawlctl", targets: ["crawlctl-program"]),
    .library(name: "EventLoop", targets: ["EventLoop"]),
    // Of the tests: stands between a daemon and its disk.
    .library(name: "DiskFaults", type: .dynamic, targets: ["CDiskFaults"]),
    // Of the tests: sets a daemon's clock.
    .library(name: "ClockShift", type: .dynamic, targets: ["CClockShift"]),
    // Of the tests: lets a daemon's connections fail.
    .library(name: "SocketFaults", type: .dynamic, targets: ["CSocketFaults"]),
    // Of the benchmarks: counts a daemon's allocations.
    .library(name: "WorkCount", type: .dynamic, targets: ["CWorkCount"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
  ],
  targets: [
    door("CLinux"),
    door("CCurl", links: ["curl"]),
    door("CAres", links: ["cares"]),
    door("CSQLite", links: ["sqlite3"]),
    door("CICU", links: ["icuuc", "icui18n"]),
    door("CPSL", links: ["psl"]),
    door("CZlib", links: ["z"]),
    door("CCrypto", links: ["crypto"]),
    door("CZstd", links: ["zstd"]),
    door("CBrotli", links: ["brotlidec"]),
    // What the programs are linked with beside their rooms.
    .target(name: "CProgram"),

    room("Units"),
    room("EventLoop", ["CLinux"]),
    room("Address"),
    room("WebURL", ["Address", "CICU", "CPSL"]),
    room("Names", ["EventLoop", "CAres", "Address"]),
    room("Politeness", ["WebURL"]),
    room("Cookies", ["WebURL"]),
    room("Frontier", ["WebURL", "Politeness"]),
    room("Fetch", ["EventLoop", "Names", "Address", "WebURL", "CCurl", "CCrypto", "CZlib", "CZstd", "CBrotli"]),
    room("Parse", ["Units", "WebURL", "CZlib"]),
    room("Store", ["Units", "EventLoop", "WebURL", "CSQLite", "CCrypto", "CZstd"]),
    room("Archive", ["CCrypto", "CZlib"]),
    room("Control", ["EventLoop"]),
    room(
      "Crawl",
      [
        "Units", "EventLoop", "Address", "WebURL", "Names", "Politeness", "Cookies", "Frontier", "Fetch", "Parse",
        "Store", logging,
      ]),
    room(
      "crawld",
      [
        "Units", "Crawl", "Control", "EventLoop", "Address", "Fetch", "Frontier", "Names", "Politeness", "Store",
        argumentParser, logging, toml,
      ]),
    room(
      "crawlctl",
      ["Units", "Control", "EventLoop", "Store", "Archive", "WebURL", "Address", "Politeness", "Parse", argumentParser]),
    program("crawld"),
    program("crawlctl"),

    // The test web: one server with every behaviour of the web by name, as a library of the tests and as a program.
    .target(name: "TestWeb", dependencies: ["EventLoop", "Address"], path: "Tests/TestWeb", swiftSettings: strict),
    .executableTarget(
      name: "testweb", dependencies: ["TestWeb", "EventLoop"], path: "Tests/testweb-program", swiftSettings: strict),
    // The benchmarks' bound: libcurl alone over a list of URLs (C).
    .executableTarget(name: "barecurl", path: "Tests/barecurl", linkerSettings: [.linkedLibrary("curl")]),
    // What a test preloads into a daemon to have its disk fail or recorded, and how it steers that.
    .target(name: "CDiskControl", path: "Tests/CDiskControl"),
    .target(name: "CDiskFaults", dependencies: ["CDiskControl"], path: "Tests/CDiskFaults"),
    // The same for its time of day.
    .target(name: "CClockShift", path: "Tests/CClockShift"),
    // The same for its sockets.
    .target(name: "CSocketFaults", path: "Tests/CSocketFaults"),
    // What scripts/bench preloads into a daemon to have its allocations counted.
    .target(name: "CWorkCount", path: "Tests/CWorkCount"),
    // Of the benchmarks: counts and their thresholds, and what counts allocations and calls for files. No test depends on
    // these two, which would take over the heap, and the files, of every test.
    .target(name: "BenchmarkCounts", path: "Tests/BenchmarkCounts", swiftSettings: strict),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .target(name: "CDiskCount", path: "Tests/CDiskCount"),
    // The event loop's: its work by name, the echo that it is compared with and the load of both (C).
    benchmark("eventloopbench", at: "event-loop-bench", ["EventLoop"]),
    .executableTarget(name: "bareecho", path: "Tests/bareecho"),
    // Hostile input for every reader of bytes from outside, as a library of the tests and as a program.
    .target(
      name: "HostileReaders",
      dependencies: [
        "Address", "Control", "Cookies", "CZlib", "Fetch", "Frontier", "Names", "Parse", "Politeness", "Units",
        "WebURL",
      ], path: "Tests/HostileReaders", swiftSettings: strict),
    .target(name: "CInstructionCount", path: "Tests/CInstructionCount"),
    .executableTarget(
      name: "fuzz-readers", dependencies: ["HostileReaders", "CAllocationCount", "CInstructionCount"],
      path: "Tests/fuzz-readers", swiftSettings: strict),
    // Clients of the control socket as nobody wants them: beside the tests, whose server must not wait for them.
    .executableTarget(
      name: "abuse-control", dependencies: ["EventLoop", "TestWeb"], path: "Tests/abuse-control", swiftSettings: strict),
    // The readers', the store's and the frontier's. What the first two are compared with (Tests/parse-peer,
    // Tests/store-peer) their scripts compile.
    benchmark("parsebench", at: "parse-bench", ["Parse", "WebURL"]),
    benchmark("storebench", at: "store-bench", ["Store", "EventLoop", "CDiskCount"]),
    benchmark("frontierbench", at: "frontier-bench", ["Frontier", "Politeness", "WebURL", "CInstructionCount"]),

    tests(
      "EventLoop", named: "EventLoopTests",
      ["CLinux"] + (examples + examplesOfNames).map { .target(name: "example-\($0)") }),
    tests("Units", named: "UnitsTests"),
    tests("Address", named: "AddressTests"),
    tests("WebURL", named: "WebURLTests", ["Address"]),
    tests("Names", named: "NamesTests", ["EventLoop", "Address", "TestWeb"]),
    tests("Politeness", named: "PolitenessTests", ["WebURL"]),
    tests("Cookies", named: "CookiesTests", ["WebURL"]),
    tests("Frontier", named: "FrontierTests", ["WebURL", "Politeness"]),
    tests("Fetch", named: "FetchTests", ["EventLoop", "Names", "Address", "WebURL", "TestWeb"]),
    tests("Parse", named: "ParseTests", ["WebURL", "CZlib"]),
    tests("Store", named: "StoreTests", ["EventLoop", "WebURL", "CSQLite"], resources: [.copy("Fixtures")]),
    tests("Archive", named: "ArchiveTests", ["CCrypto", "CZlib"]),
    tests("Control", named: "ControlTests", ["EventLoop"]),
    tests("Crawl", named: "CrawlTests", ["Fetch", "Frontier", "Store", "WebURL"]),
    tests(
      "crawld", named: "crawldTests", ["Crawl", "Control", "Fetch", "Frontier", "Politeness", "Store", "Units"]),
    tests("crawlctl", named: "CrawlctlTests", ["Control", "EventLoop", "Units", argumentParser]),
    tests("HostileReaders", named: "HostileReadersTests"),
    tests("TestWeb", named: "TestWebTests", ["EventLoop"]),
    tests("TestWeb", named: "EndToEndTests", ["EventLoop", "CCrypto", "CSQLite", "CZlib", "CDiskControl"]),
  ] + examples.map { example($0) } + examplesOfNames.map { example($0, ["Names"]) }
)
