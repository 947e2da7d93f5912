/** A JSON text. */
type Json = string

/** A SCIM User. The row stays when it is deleted, so that the same person can come back. */
export interface DirectoryUserTable {
  /** SCIM `id`: new with every creation. */
  readonly user_id: string
  /** Whom it is about in `people`, where they are once they have a role. Never changes. */
  readonly person_id: string
  /** `userName` as it is compared: NFKC, lower case. */
  user_name_key: string
  external_id: string | null
  /** What is kept of the resource (RFC 7643) without ids, groups, badges and `meta`; `{}` once deleted. */
  document: Json
  /** Counts every change of the representation; the ETag. */
  version: number
  readonly created_at: number
  changed_at: number
  deleted_at: number | null
}

/** A SCIM Group. */
export interface DirectoryGroupTable {
  readonly group_id: string
  external_id: string | null
  display_name: string
  /** `displayName` as it is looked up: in lower case, its beginning. */
  display_key: string
  version: number
  readonly created_at: number
  changed_at: number
}

export interface DirectoryMemberTable {
  readonly group_id: string
  readonly user_id: string
}

/** What addresses of a user are looked up by, beside the document that has them. */
export interface DirectoryEmailTable {
  readonly user_id: string
  /** As `directory_groups.display_key`. */
  readonly value_key: string
}

/** A badge that the directory says is the user's; assigned as soon as they are in `people`. */
export interface DirectoryBadgeTable {
  readonly user_id: string
  /** As in `badges.tag`: the identity itself is nowhere. */
  readonly tag: string
  readonly technology: string
}

/** A bearer token of a machine (R20). */
export interface ServiceTokenTable {
  readonly token_id: string
  /** SHA-256 of the token, hex: it has 256 random bits of its own. */
  readonly token_hash: string
  /** Names the machine in the record; never given twice. */
  readonly name: string
  readonly owner: string
  readonly purpose: string
  readonly scope: 'scim'
  readonly created_at: number
  readonly expires_at: number
  last_used_at: number | null
  revoked_at: number | null
}

/** Tables of main/authority/directory. */
export interface DirectoryTables {
  directory_users: DirectoryUserTable
  directory_groups: DirectoryGroupTable
  directory_members: DirectoryMemberTable
  directory_emails: DirectoryEmailTable
  directory_badges: DirectoryBadgeTable
  service_tokens: ServiceTokenTable
}
