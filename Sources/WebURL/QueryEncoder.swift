/// Encodes a query, given as UTF-8, with a document's legacy encoding, as the WHATWG URL Standard's "percent-encode after
/// encoding" does before it percent-encodes bytes.
///
/// The result is the query's bytes; in the place of a code point that the encoding lacks stands `%26%23N%3B` with its
/// number in decimals. Linear.
package typealias QueryEncoder = (_ query: UnsafeBufferPointer<UInt8>) -> [UInt8]
