import CCurl
import WebURL

/// A libcurl easy handle that serves one transfer after another.
///
/// What is the same for all fetches is set once; the rest is set when it differs from the transfer before. The contexts
/// of all callbacks are this object, which the pool or the transfer keeps alive as long as libcurl has the handle.
final class EasyHandle {
  let easy: UnsafeMutableRawPointer
  /// The transfer under way.
  @exclusivity(unchecked) var transfer: Transfer?
  private let errorText: UnsafeMutablePointer<CChar>
  private var fields: UnsafeMutablePointer<curl_slist>?
  @exclusivity(unchecked) private var current = Settings()

  /// What differs from fetch to fetch and is seldom different.
  private struct Settings {
    /// What libcurl's URL is, unless that is one of a single request.
    var origin: Origin?
    var address: PinnedAddress?
    var userAgent = ""
    var headers: [(name: String, value: String)] = []
    var cookie: [UInt8] = []
    var proxyUserAgent = ""
    var route = FetchRoute.ordinary
    var isHTTP1 = false
    var waitsToShare = false
    var forbidsReuse = false
    var connect: Duration?
    var bufferBytes = EasyHandle.ordinaryBuffer
    var hasCredentials = false
    var isDigest = false
    var reportsProgress = false
    var tlsSessions: UnsafeMutableRawPointer?
    var hasResolve = false
    var isVerbose = false
  }

  /// Bytes of what a transfer receives by: a read takes as much at most, and each transfer in flight has one of its own.
  private static let ordinaryBuffer = 16 << 10
  /// That of transfers which are so many that most of them wait.
  private static let smallBuffer = 4 << 10
  /// What servers may use; libcurl decodes none of it.
  private static let contentCodings = "gzip, br, zstd"
  /// libcurl below 8.1.1, see `Transfer.mayRead`.
  private static let foldsIntoFreedMemory = ccurl_version() < 0x08_01_01

  /// - Throws: `FetchError` when this libcurl lacks an option; then nothing could be fetched at all.
  init(table: SocketTable, configuration: FetchConfiguration) throws(FetchError) {
    guard let easy = curl_easy_init() else { throw .outOfMemory(call: "curl_easy_init") }
    self.easy = easy
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    let context = Unmanaged.passUnretained(self).toOpaque()
    try set(CURLOPT_PRIVATE, pointer: context)
    try set(CURLOPT_ERRORBUFFER, pointer: errorText)
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_PROXY, "")
    // Nor does the environment say for which hosts a proxy is passed by.
    try set(CURLOPT_NOPROXY, "")
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
    try set(CURLOPT_MAXAGE_CONN, configuration.idleSeconds)
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    try set(CURLOPT_BUFFERSIZE, EasyHandle.ordinaryBuffer)
    // With a directory of certificates libcurl reads all of them again for each connection (20 ms); a file it reads once.
    try check(ccurl_set_string(easy, CURLOPT_CAPATH, nil), CURLOPT_CAPATH)
    try check(ccurl_set_string(easy, CURLOPT_PROXY_CAPATH, nil), CURLOPT_PROXY_CAPATH)
    if let authorities = configuration.certificateAuthorities {
      try set(CURLOPT_CAINFO, authorities)
      try set(CURLOPT_PROXY_CAINFO, authorities)
    }
    try set(CURLOPT_WRITEDATA, pointer: context)
    try check(ccurl_set_data_function(easy, CURLOPT_WRITEFUNCTION, EasyHandle.writeFunction), CURLOPT_WRITEFUNCTION)
    // Header lines come to both functions, to that of bodies first: see `Transfer.mayRead`. Newer versions, which need no
    // such look, would bring trailers as parts of bodies.
    if EasyHandle.foldsIntoFreedMemory { try set(CURLOPT_HEADER, 1) }
    try set(CURLOPT_HEADERDATA, pointer: context)
    try check(ccurl_set_data_function(easy, CURLOPT_HEADERFUNCTION, EasyHandle.headerFunction), CURLOPT_HEADERFUNCTION)
    try set(CURLOPT_DEBUGDATA, pointer: context)
    try check(ccurl_set_debug_function(easy, EasyHandle.debugFunction), CURLOPT_DEBUGFUNCTION)
    try set(CURLOPT_OPENSOCKETDATA, pointer: context)
    try check(ccurl_set_open_function(easy, EasyHandle.openFunction), CURLOPT_OPENSOCKETFUNCTION)
    try set(CURLOPT_CLOSESOCKETDATA, pointer: Unmanaged.passUnretained(table).toOpaque())
    try check(ccurl_set_close_function(easy, SocketTable.closeFunction), CURLOPT_CLOSESOCKETFUNCTION)
    try set(CURLOPT_PREREQDATA, pointer: context)
    try check(ccurl_set_request_function(easy, EasyHandle.requestFunction), CURLOPT_PREREQFUNCTION)
    try set(CURLOPT_SSL_CTX_DATA, pointer: context)
    try check(ccurl_set_tls_function(easy, EasyHandle.tlsFunction), CURLOPT_SSL_CTX_FUNCTION)
    try set(CURLOPT_XFERINFODATA, pointer: context)
    try check(ccurl_set_progress_function(easy, EasyHandle.progressFunction), CURLOPT_XFERINFOFUNCTION)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(fields)
    errorText.deallocate()
  }

  /// The object behind libcurl's handle.
  static func of(_ easy: UnsafeMutableRawPointer) -> EasyHandle {
    Unmanaged<EasyHandle>.fromOpaque(ccurl_get_private(easy)!).takeUnretainedValue()
  }

  /// libcurl's own words about the last failure; empty when it had none.
  var errorMessage: String { String(cString: errorText) }

  /// Sets all that a transfer needs. About 1 µs.
  func prepare(
    _ transfer: Transfer, forbidsReuse: Bool, isOneOfMany: Bool, tlsSessions: UnsafeMutableRawPointer?
  ) throws(FetchError) {
    let request = transfer.request
    errorText[0] = 0
    self.transfer = transfer
    let route = transfer.origin.lane.route
    // The target goes out byte for byte; libcurl's URL parser never sees it. To a proxy that makes the request itself it is
    // the whole URL (RFC 9112 section 3.2.2).
    let target = request.url.pathAndQuery
    let isWhole = route.proxy.map { $0.kind != .socks5 && !transfer.origin.isHTTPS } ?? false
    try set(CURLOPT_REQUEST_TARGET, isWhole ? transfer.origin.text + target : target)
    let credentials = request.credentials.isEmpty ? nil : request.credentials.first { $0.covers(request.url) }
    // What Digest signs is the target of libcurl's URL.
    try set(transfer.origin, target: credentials?.scheme == .digest ? target : nil)
    if current.address !== transfer.address {
      try check(ccurl_set_list(easy, CURLOPT_CONNECT_TO, transfer.address.connectTo), CURLOPT_CONNECT_TO)
      current.address = transfer.address
    }
    if current.hasResolve || transfer.address.resolve != nil {
      try check(ccurl_set_list(easy, CURLOPT_RESOLVE, transfer.address.resolve), CURLOPT_RESOLVE)
      current.hasResolve = transfer.address.resolve != nil
    }
    try setFields(request.userAgent, request.headers, cookie: request.cookie)
    let proxyUserAgent = route.proxy == nil ? "" : request.userAgent
    if current.proxyUserAgent != proxyUserAgent {
      try set(CURLOPT_USERAGENT, proxyUserAgent)
      current.proxyUserAgent = proxyUserAgent
    }
    if current.route !== route { try set(route) }
    // HTTP/2 is for TLS alone.
    let isHTTP1 = route.httpVersion == .http1 || !transfer.origin.isHTTPS || transfer.origin.needsHTTP1
    if current.isHTTP1 != isHTTP1 {
      try set(CURLOPT_HTTP_VERSION, Int(isHTTP1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS))
      current.isHTTP1 = isHTTP1
    }
    // One connection for all of an origin's fetches rather than one each: the first connects, the others wait for what
    // it will speak. The first waits for nobody, because libcurl knows connections by address, and those of other hosts
    // behind the same address, which may be slow or dead, would be waited for as well.
    let waitsToShare = !isHTTP1 && transfer.origin.transfers > 0
    if current.waitsToShare != waitsToShare {
      try set(CURLOPT_PIPEWAIT, waitsToShare ? 1 : 0)
      current.waitsToShare = waitsToShare
    }
    if current.forbidsReuse != forbidsReuse {
      try set(CURLOPT_FORBID_REUSE, forbidsReuse ? 1 : 0)
      current.forbidsReuse = forbidsReuse
    }
    if current.connect != request.limits.connect {
      try set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.wholeMilliseconds)
      current.connect = request.limits.connect
    }
    let bufferBytes = isOneOfMany ? EasyHandle.smallBuffer : EasyHandle.ordinaryBuffer
    // A wish: libcurl refuses while it still has the buffer of a transfer that never got a connection.
    if current.bufferBytes != bufferBytes, ccurl_set_long(easy, CURLOPT_BUFFERSIZE, bufferBytes) == CURLE_OK {
      current.bufferBytes = bufferBytes
    }
    // The way to see what is sent; libcurl has a good deal more to say then, which costs some microseconds.
    if current.isVerbose != request.keepsMessages {
      try set(CURLOPT_VERBOSE, request.keepsMessages ? 1 : 0)
      current.isVerbose = request.keepsMessages
    }
    if current.tlsSessions != tlsSessions {
      try set(CURLOPT_SHARE, pointer: tlsSessions)
      current.tlsSessions = tlsSessions
    }
    try setCredentials(credentials, of: request.url)
  }

  /// Reports received bytes even if they decode to nothing. Called while the header section is read.
  func reportProgress() {
    current.reportsProgress = ccurl_set_long(easy, CURLOPT_NOPROGRESS, 0) == CURLE_OK
  }

  /// Has what the transfer under way sends from now on carry this Cookie field, none when it is empty, instead of the one that
  /// it has. Called before a request is written.
  func setCookie(_ cookie: [UInt8]) throws(FetchError) {
    try setFields(current.userAgent, current.headers, cookie: cookie)
  }

  /// Undoes what a transfer changed for itself alone; false when the handle is to be thrown away: libcurl refuses, or may
  /// keep something of the transfer for the next one.
  func clear() -> Bool {
    // Some of a failure libcurl never clears. It counts how often it was about to repeat a request, and gives up by itself at
    // the sixth time; it remembers a refused stream (RFC 9113, section 8.7), the system's last error (CURLINFO_OS_ERRNO), by
    // which it judges connecting too, and what a proxy said (CURLINFO_PROXY_ERROR). Another handle costs some microseconds.
    let isPlain = transfer.map { $0.isComplete && $0.requests == 1 } ?? false
    transfer = nil
    guard isPlain else { return false }
    // libcurl would answer the next challenge, of whomever, with the realm and the nonce of this one first, and take the new
    // ones for a refusal.
    if current.hasCredentials && current.isDigest { return false }
    var isClean = true
    if current.reportsProgress {
      isClean = ccurl_set_long(easy, CURLOPT_NOPROGRESS, 1) == CURLE_OK && isClean
      current.reportsProgress = false
    }
    if current.hasResolve {
      isClean = ccurl_set_list(easy, CURLOPT_RESOLVE, nil) == CURLE_OK && isClean
      current.hasResolve = false
    }
    return isClean
  }

  func detachTLSSessions() {
    if current.tlsSessions != nil, ccurl_set_pointer(easy, CURLOPT_SHARE, nil) == CURLE_OK {
      current.tlsSessions = nil
    }
  }

  private func set(_ origin: Origin, target: String?) throws(FetchError) {
    if target == nil, current.origin === origin { return }
    try set(CURLOPT_URL, target.map { origin.text + $0 } ?? origin.urlText)
    try set(CURLOPT_CURLU, pointer: target == nil ? origin.curlURL.map { UnsafeMutableRawPointer($0) } : nil)
    current.origin = target == nil ? origin : nil
  }

  private func set(_ route: FetchRoute) throws(FetchError) {
    try set(CURLOPT_SSL_VERIFYPEER, route.verifiesTLS ? 1 : 0)
    try set(CURLOPT_SSL_VERIFYHOST, route.verifiesTLS ? 2 : 0)
    try set(CURLOPT_PROXY, route.proxy?.text ?? "")
    try setOrClear(CURLOPT_PROXYUSERNAME, route.proxy?.user?.text)
    try setOrClear(CURLOPT_PROXYPASSWORD, route.proxy?.password?.text)
    try setOrClear(CURLOPT_SSLCERT, route.certificate?.file)
    try setOrClear(CURLOPT_SSLKEY, route.certificate?.keyFile)
    // Without one OpenSSL would ask the terminal, and the loop would wait for the answer.
    try setOrClear(CURLOPT_KEYPASSWD, route.certificate.map { $0.keyPassword?.text ?? "" })
    current.route = route
  }

  private func setOrClear(_ option: CURLoption, _ value: String?) throws(FetchError) {
    try check(ccurl_set_string(easy, option, value), option)
  }

  /// The fields that are the same for most requests are among these, because libcurl writes those of its options letter
  /// by letter for each request. To a proxy that makes a tunnel they do not go.
  private func setFields(
    _ userAgent: String, _ headers: [(name: String, value: String)], cookie: [UInt8]
  ) throws(FetchError) {
    if current.userAgent == userAgent, current.cookie == cookie, headers.elementsEqual(current.headers, by: ==) {
      return
    }
    let ours = [("User-Agent", userAgent), ("Accept", "*/*"), ("Accept-Encoding", EasyHandle.contentCodings)]
    let fields = ours.filter { name, value in
      !value.isEmpty && !headers.contains { $0.name.lowercased() == name.lowercased() }
    }
    var list: UnsafeMutablePointer<curl_slist>?
    for (name, value) in fields + headers where EasyHandle.isField(name: name, value: value.utf8) {
      // "Name;" is libcurl's way to write a field without a value; "Name:" would take one away.
      list = try EasyHandle.append(value.isEmpty ? "\(name);" : "\(name): \(value)", to: list)
    }
    if !cookie.isEmpty, EasyHandle.isField(name: "Cookie", value: cookie) {
      let line = Array("Cookie: ".utf8) + cookie + [0]
      list = try EasyHandle.append(line.map { CChar(bitPattern: $0) }, to: list)
    }
    try check(ccurl_set_list(easy, CURLOPT_HTTPHEADER, list), CURLOPT_HTTPHEADER)
    curl_slist_free_all(self.fields)
    self.fields = list
    current.userAgent = userAgent
    current.headers = headers
    current.cookie = cookie
  }

  /// The list with a copy of the line behind it. One that throws has freed the list.
  private static func append(
    _ line: UnsafePointer<CChar>, to list: UnsafeMutablePointer<curl_slist>?
  ) throws(FetchError) -> UnsafeMutablePointer<curl_slist> {
    guard let longer = curl_slist_append(list, line) else {
      curl_slist_free_all(list)
      throw .outOfMemory(call: "curl_slist_append")
    }
    return longer
  }

  /// Those of the URL, else these, else none.
  private func setCredentials(_ known: FetchCredentials?, of url: WebURL) throws(FetchError) {
    let (user, password) = (url.username, url.password)
    if !user.isEmpty || !password.isEmpty {
      try setCredentials(percentDecoded(user), percentDecoded(password), isDigest: false)
    } else if let known {
      try setCredentials(known.user.text, known.password.text, isDigest: known.scheme == .digest)
    } else if current.hasCredentials {
      current.hasCredentials = false
      try check(ccurl_set_string(easy, CURLOPT_USERNAME, nil), CURLOPT_USERNAME)
      try check(ccurl_set_string(easy, CURLOPT_PASSWORD, nil), CURLOPT_PASSWORD)
    }
  }

  private func setCredentials(_ user: String, _ password: String, isDigest: Bool) throws(FetchError) {
    current.hasCredentials = true
    try set(CURLOPT_USERNAME, user)
    try set(CURLOPT_PASSWORD, password)
    if current.isDigest != isDigest {
      try set(CURLOPT_HTTPAUTH, isDigest ? httpAuthDigest : httpAuthBasic)
      current.isDigest = isDigest
    }
  }

  /// RFC 9110 section 5: a token, and no control characters in the value.
  private static func isField(name: String, value: some Sequence<UInt8>) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
      && value.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
  }

  // MARK: Options

  private func set(_ option: CURLoption, _ value: Int) throws(FetchError) {
    try check(ccurl_set_long(easy, option, value), option)
  }

  private func set(_ option: CURLoption, _ value: String) throws(FetchError) {
    // Handed over as an argument, the text would be copied once more.
    try check(value.withCString { ccurl_set_string(easy, option, $0) }, option)
  }

  private func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(FetchError) {
    try check(ccurl_set_pointer(easy, option, pointer), option)
  }

  private func check(_ code: CURLcode, _ option: CURLoption) throws(FetchError) {
    guard code == CURLE_OK else {
      let name = curl_easy_option_by_id(option).flatMap { $0.pointee.name }.map { String(cString: $0) }
      throw .library(
        call: "option \(name ?? String(option.rawValue))", code: Int(code.rawValue),
        message: String(cString: curl_easy_strerror(code)))
    }
  }

  // MARK: Callbacks

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let transfer = Unmanaged<EasyHandle>.fromOpaque(context!).takeUnretainedValue().transfer else {
      fatalError("libcurl calls back for a handle that has no transfer")
    }
    return transfer
  }

  private static let writeFunction: ccurl_data_function = { bytes, size, count, context in
    let block = UnsafeRawBufferPointer(start: bytes, count: size &* count)
    let transfer = transfer(context)
    let isWanted = transfer.section == .body ? transfer.receive(body: block) : transfer.mayRead(headerLine: block)
    return isWanted ? block.count : block.count &+ 1
  }

  private static let headerFunction: ccurl_data_function = { bytes, size, count, context in
    let line = UnsafeRawBufferPointer(start: bytes, count: size &* count)
    return transfer(context).receive(headerLine: line) ? line.count : size &* count &+ 1
  }

  private static let debugFunction: ccurl_debug_function = { _, kind, bytes, size, context in
    // A connection that is closed later has no transfer any more.
    if kind == CURLINFO_HEADER_OUT,
      let transfer = Unmanaged<EasyHandle>.fromOpaque(context!).takeUnretainedValue().transfer
    {
      transfer.requestHeaders.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size))
    }
    return 0
  }

  private static let openFunction: ccurl_open_function = { context, _, address in
    transfer(context).openSocket(address!)
  }

  private static let requestFunction: ccurl_request_function = { context, remote, _, port, localPort in
    transfer(context).mayRequest(from: remote!, port: port, localPort: localPort)
      ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
  }

  private static let tlsFunction: ccurl_tls_function = { _, tlsContext, context in
    transfer(context).beginTLS(with: tlsContext!)
    return CURLE_OK
  }

  private static let progressFunction: ccurl_progress_function = { context, _, downloaded, _, _ in
    transfer(context).mayGoOn(received: Int(downloaded)) ? 0 : 1
  }
}

/// CURLAUTH_BASIC and CURLAUTH_DIGEST, macros that Swift does not import.
private let httpAuthBasic = 1 << 0
private let httpAuthDigest = 1 << 1
