import Parse
import Testing
import WebURL

@Test func reads() { #expect(PageReader.read([], url: WebURL("http://a/")!, contentType: nil).links.isEmpty) }
