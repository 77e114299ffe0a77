/// The bounds of one page's reading. Whatever exceeds one is cut; reading never fails.
package struct ParseLimits: Sendable, Hashable {
  /// Open elements at a time; an element beyond is read as if it ended at once.
  package var depth = 512
  /// Links that differ in kind, `rel` or target; beyond, `Page.linksTruncated` is set. At most twice as many are kept, and
  /// those that only repeat a kept one are counted.
  package var links = 10_000
  /// Bytes of the URLs made of links' values; beyond, `Page.linksTruncated` is set. A long base URL stands in every link's.
  package var urlBytes = 8 << 20
  /// Bytes of one link's value; a longer value is cut and has no URL.
  package var valueBytes = 16_384
  /// Whether links that have a URL keep their value, too; without it they cost one text less each.
  package var keepsValues = true
  /// Bytes of a link's text.
  package var anchorBytes = 200
  /// Bytes of the title, of the first heading, of the description, of the robots' directives and of Open Graph's
  /// properties, each.
  package var titleBytes = 1_024
  /// Bytes of the visible text that are kept; 0: it is not gathered.
  package var textBytes = 0
  /// Bytes of the page as it came that are kept, in UTF-8; 0: none.
  package var sourceBytes = 0
  /// Steps along the stack of open elements per byte of the page, beyond the first 100,000. Real pages need less than
  /// one; a page made to be slow ends early and counts as truncated.
  package var stepsPerByte = 32

  package init() {}
}
