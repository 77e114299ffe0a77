extension Schema {
  /// What leads from version 30 to 31: what recrawls compared with a fetch that was being removed meanwhile names one that is
  /// there; and it is noted as whom the daemon fetches.
  static let version31 = [heirs] + agents

  /// Each names what the removal has left of the same content: a fetch before it that has it, with its body, which fetches that
  /// keep bodies take over as they would have; or the first of those that have lost it; or none. Cost: when none has, that of
  /// reading the index of what fetches name; else also the fetches that were not modified of the crawls that these visited again.
  package static let heirs = """
    UPDATE fetches SET earlier_fetch_id = heirs.heir_id, body_hash = coalesce(fetches.body_hash, heirs.body_hash),
      truncated = coalesce(heirs.truncated, fetches.truncated),
      response_headers = coalesce(heirs.response_headers, fetches.response_headers)
    FROM (
      WITH RECURSIVE
      lost AS MATERIALIZED (
        SELECT f.id, f.task_id, u.fingerprint, f.outcome, f.content_hash, f.earlier_fetch_id AS gone_id,
          min(f.id) OVER (PARTITION BY f.earlier_fetch_id) AS first_id,
          f.outcome = 'not_modified' AND f.response_headers IS NOT NULL AND f.body_hash IS NULL AS lacks_body
        FROM fetches f INDEXED BY fetches_earlier JOIN urls u ON u.id = f.url_id
        WHERE f.earlier_fetch_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM fetches gone WHERE gone.id = f.earlier_fetch_id)
      ),
      chain (task_id) AS (
        SELECT task_id FROM lost
        UNION SELECT t.recrawl_of FROM chain JOIN tasks t ON t.id = chain.task_id WHERE t.recrawl_of IS NOT NULL
      ),
      kept AS MATERIALIZED (
        SELECT f.id, u.fingerprint, f.content_hash, f.body_hash
        FROM chain CROSS JOIN fetches f INDEXED BY fetches_change ON f.task_id = chain.task_id AND f.change = 'not_modified'
        JOIN urls u ON u.id = f.url_id
        WHERE f.content_hash IS NOT NULL AND f.id NOT IN (SELECT id FROM lost)
      ),
      keepers AS MATERIALIZED (
        SELECT lost.gone_id, coalesce(max(CASE WHEN kept.body_hash IS NOT NULL THEN kept.id END), max(kept.id)) AS id
        FROM lost JOIN kept
          ON kept.fingerprint = lost.fingerprint AND kept.content_hash = lost.content_hash AND kept.id < lost.first_id
        WHERE lost.outcome = 'not_modified' GROUP BY lost.gone_id
      ),
      firsts AS MATERIALIZED (
        SELECT gone_id, min(id) AS id FROM lost WHERE outcome = 'not_modified' GROUP BY gone_id
      )
      SELECT lost.id, coalesce(keeper.earlier_fetch_id, keeper.id, CASE WHEN firsts.id < lost.id THEN firsts.id END) AS heir_id,
        CASE WHEN lost.lacks_body THEN keeper.body_hash END AS body_hash,
        CASE WHEN lost.lacks_body AND keeper.body_hash IS NOT NULL THEN keeper.truncated END AS truncated,
        CASE WHEN lost.lacks_body AND keeper.body_hash IS NOT NULL THEN keeper.response_headers END AS response_headers
      FROM lost LEFT JOIN keepers ON keepers.gone_id = lost.gone_id LEFT JOIN fetches keeper ON keeper.id = keepers.id
        LEFT JOIN firsts ON firsts.gone_id = lost.gone_id
    ) heirs WHERE fetches.id = heirs.id
    """
}
