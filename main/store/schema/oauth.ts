/** One artefact of the OpenID provider, by model name and the SHA-256 of its identifier. */
export interface OauthRecordTable {
  model: string
  /** SHA-256, base64url: a stolen database opens nothing. */
  id: string
  /** JSON without the identifier. */
  payload: string
  /** The Lanyard session behind it; null for what belongs to no session (replay detection). */
  session_id: string | null
  grant_id: string | null
  uid: string | null
  consumed_at: number | null
  expires_at: number
}

/** A one-time launch of one application in one session: made, opened by the view, used by the client. */
export interface OauthLaunchTable {
  handle_hash: string
  session_id: string
  application: string
  workstation: string
  created_at: number
  /** Of the handle until it is opened, then of the launch value. */
  expires_at: number
  opened_at: number | null
  launch_hash: string | null
  /** Of the cookie that binds the launch value to the partition that opened the handle. */
  partition_hash: string | null
  used_at: number | null
}

/** Tables of main/authority/oauth. */
export interface OauthTables {
  oauth_record: OauthRecordTable
  oauth_launch: OauthLaunchTable
}
