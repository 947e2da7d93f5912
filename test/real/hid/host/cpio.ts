/** One member of an archive; parent directories come before their children. */
export type CpioEntry =
  | { readonly type: 'directory'; readonly path: string }
  | {
      readonly type: 'file'
      readonly path: string
      readonly data: Uint8Array
      readonly executable?: boolean
    }
  | { readonly type: 'link'; readonly path: string; readonly target: string }
  | {
      readonly type: 'character-device'
      readonly path: string
      readonly major: number
      readonly minor: number
    }

/** An archive in the `newc` format that Linux unpacks as its first root file system. */
export function createCpio(entries: readonly CpioEntry[]): Buffer {
  const trailer = member({ inode: 0, mode: 0, path: 'TRAILER!!!', data: new Uint8Array() })
  return Buffer.concat([
    ...entries.flatMap((entry, index) => member({ inode: index + 1, ...plain(entry) })),
    ...trailer,
  ])
}

interface Member {
  readonly inode: number
  readonly mode: number
  readonly path: string
  readonly data: Uint8Array
  readonly device?: readonly [major: number, minor: number]
}

function plain(entry: CpioEntry): Omit<Member, 'inode'> {
  const { path } = entry
  const data = new Uint8Array()
  switch (entry.type) {
    case 'directory':
      return { path, mode: 0o040755, data }
    case 'file':
      return { path, mode: entry.executable ? 0o100755 : 0o100644, data: entry.data }
    case 'link':
      return { path, mode: 0o120777, data: Buffer.from(entry.target) }
    case 'character-device':
      return { path, mode: 0o020600, data, device: [entry.major, entry.minor] }
  }
}

function member({ inode, mode, path, data, device: [major, minor] = [0, 0] }: Member): Buffer[] {
  const links = mode >> 12 === 0o04 ? 2 : 1
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, major, minor, path.length + 1, 0]
  const hex = fields.map((field) => field.toString(16).padStart(8, '0')).join('')
  const head = Buffer.from(`070701${hex}${path}\0`)
  return [head, padding(head.length), Buffer.from(data), padding(data.length)]
}

const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4)
