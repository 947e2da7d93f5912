/** What a journal needs of a file; `FileHandle` of node:fs/promises has it. */
export interface DurableFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
  datasync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** Writes all of it: on a disk that fills up, one write takes a part and reports no error. */
export async function writeAll(
  file: DurableFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.length - written,
      position + written,
    )
    if (bytesWritten === 0)
      throw Object.assign(new Error('The disk took nothing of a write.'), { code: 'ENOSPC' })
    written += bytesWritten
  }
}
