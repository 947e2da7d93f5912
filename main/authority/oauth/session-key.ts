/**
 * Identifier of something that lives in one Lanyard session: the session's id, a dot, a unique
 * part. The provider carries such an identifier in every artefact (`grantId`, `uid`), so that the
 * store knows the session behind each of them without a table of its own.
 */
export const sessionKey = (sessionId: string, unique: string): string => `${sessionId}.${unique}`

/** The session of a key; null for anything that is none. */
export const sessionOfKey = (key: string | undefined): string | null => {
  const dot = key?.lastIndexOf('.') ?? -1
  return key === undefined || dot <= 0 ? null : key.slice(0, dot)
}
