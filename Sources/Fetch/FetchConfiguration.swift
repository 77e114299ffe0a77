/// The fetcher's own settings, the same for all fetches.
package struct FetchConfiguration: Sendable {
  /// libcurl multi handles, chosen by a hash of the host: 1…64; fewer, down to 8, where sockets are few.
  /// Several, because with each transfer that ends libcurl looks at the connections of its handle one by one.
  package var shards = 64
  /// Sockets open at once, idle ones included; nil: what the limit of descriptors leaves, see `DescriptorBudget`.
  package var maximumSockets: Int?
  /// Fetches in flight; the rest wait in order. nil: as many as sockets.
  package var maximumInFlight: Int?
  /// Above so many bytes in memory, bodies that are coming wait. It counts bodies, the header sections of fetches in
  /// flight, and bodies that were handed on (`Fetcher.bodyBytesElsewhere`). A single body is not bounded by it.
  package var maximumBodyBytes = Int.max
  /// A connection that was idle for longer is not used again. It is closed a second later, or as late again when others of
  /// its shard are in use. Whole seconds.
  package var idleSeconds = 10
  /// New hosts after which a shard is replaced by a fresh one: libcurl keeps a little of every host that it met.
  package var hostsPerShard = 2_048
  /// A file of certificates (PEM) to trust instead of the system's.
  package var certificateAuthorities: String?

  package init() {}
}
