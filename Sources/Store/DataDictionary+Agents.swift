extension DataDictionary {
  /// The same of what makes requests.
  static let agents = """
    agents as whom requests are made whose task says nothing else: one row for each change of the configuration
      id number of the row
      first_fetch_id fetches from this one on were made as it, up to the next row's; of the first also those of earlier versions
      user_agent the User-Agent field
      product_token the name by which robots.txt, meta robots and X-Robots-Tag speak to it
      http_version the highest version of HTTP that is offered: 2 1.1
      verify_tls 1: certificates have to be right; 0: any is taken
    """
}
