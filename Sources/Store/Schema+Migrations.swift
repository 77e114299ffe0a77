extension Schema {
  /// What leads from version 1 to 2.
  ///
  /// The text of a column that is added goes into the table's as it stands, so it ends without a line comment.
  static let version2 = [
    """
    ALTER TABLE fetches ADD COLUMN tls_verified INTEGER /* https: 1: the certificate had to be right; 0: any was taken */
    """
  ]
}
