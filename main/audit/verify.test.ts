import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { checkpointLine, headerLine, recordHash, recordLine } from './record.ts'
import { appendLeaf, emptyFrontier, frontierRoot, type Frontier } from './merkle.ts'
import { checkpointText, noteSigner, type NoteSigner } from './signed-note.ts'
import { verifyBytes, verifyExport } from './verify.ts'

const signer = noteSigner('lanyard.example/agent-1', new Uint8Array(32).fill(3))
const start = 1_800_000_000_000

const common = {
  outcome: 0,
  workstation: 'w-ä',
  session: null,
  patient: null,
  assurance: { aal: 2, verifiedAt: start },
  purposeOfUse: 'TREAT',
  // Looks like a checkpoint to whoever looks at the text alone.
  detail: { text: '\n— "checkpoint" \\n 鍵\n', n: 1 / 3, none: null },
}

interface Recipe {
  readonly by?: NoteSigner
  /** Sizes that get a checkpoint. */
  readonly checkpoints?: readonly number[]
  readonly time?: (seq: number) => number
  readonly event?: (seq: number) => string
  readonly actor?: (seq: number) => string
  readonly size?: number
}

/** An export as the program writes it, from its own building blocks. */
function exported({
  by = signer,
  checkpoints = [3, 7],
  time = (seq) => start + seq * 10,
  event = () => 'badge.identified',
  actor = (seq) => `p-${seq}`,
  size = 10,
}: Recipe = {}) {
  const lines = [headerLine(by.verifierKey, size)]
  const notes = new Map<number, string>()
  let frontier: Frontier = emptyFrontier
  let previous = 0
  for (let seq = 0; seq < size; seq++) {
    const body = canonicalJson({ ...common, event: event(seq), actor: actor(seq) })
    const salt = new Uint8Array(16).fill(seq)
    const record = { seq, time: time(seq), salt, body }
    const hash = recordHash(record)
    lines.push(recordLine(record, hash))
    frontier = appendLeaf(frontier, hash)
    if (!checkpoints.includes(seq + 1) && seq + 1 !== size) continue
    const note = by.sign(checkpointText(by.name, seq + 1, frontierRoot(frontier)))
    notes.set(seq + 1, note)
    lines.push(checkpointLine(note, previous))
    previous = seq + 1
  }
  return { lines, notes }
}

const { lines, notes } = exported()
const file = Buffer.from(lines.map((line) => `${line}\n`).join(''))
const verifyFile = (bytes: Uint8Array) => verifyBytes([bytes])
/** What stands on each line, e.g. `header`, 0, 1, 2, `checkpoint`. */
const kinds = lines.map((line, at) => {
  if (at === 0) return 'header'
  const { seq } = JSON.parse(line) as { seq?: number }
  return seq ?? 'checkpoint'
})
const lineOf = (kind: number) => kinds.indexOf(kind)
/** First record that only checkpoints from this line on prove. */
function proves(at: number): number {
  const before = kinds.slice(0, at).lastIndexOf('checkpoint')
  return kinds.slice(0, before + 1).filter((kind) => typeof kind === 'number').length
}

describe('a sound export', () => {
  test('verifies, with its key pinned or not', async () => {
    const key = signer.verifierKey
    expect(await verifyExport(lines)).toMatchObject({ ok: true, records: 10, key, pinned: false })
    expect(await verifyExport(lines, { key })).toMatchObject({ ok: true, pinned: true })
    expect(await verifyFile(file)).toEqual(await verifyExport(lines))
  })

  test('verifies in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (size) => {
        const pieces = Array.from({ length: Math.ceil(file.length / size) }, (_, at) =>
          file.subarray(at * size, (at + 1) * size),
        )
        expect(await verifyBytes(pieces)).toMatchObject({ ok: true, records: 10 })
      }),
      { numRuns: 40 },
    )
  })

  test('begins with what an earlier checkpoint covered', async () => {
    for (const since of notes.values())
      expect(await verifyExport(lines, { since })).toMatchObject({ ok: true })
  })
})

describe('a changed export', () => {
  const starts = lines.map((_, at) => Buffer.byteLength(lines.slice(0, at).join('\n')) + (at && 1))
  /** What the verifier must say when the byte at `at` is another, `changed[at]`. */
  function verdict(changed: Buffer, at: number) {
    const line = starts.findLastIndex((from) => from <= at)
    const kind = kinds[line] ?? ''
    // A newline more or less makes two lines of one, or one of two; a header has no record.
    const vague = changed[at] === 10 || file[at] === 10 || kind === 'header'
    const record = typeof kind === 'number' ? kind : proves(line)
    return vague ? { ok: false } : { ok: false, line: line + 1, record }
  }

  test('any changed byte is found, and the record that it is in is named', async () => {
    const place = fc.nat(file.length - 1)
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(file)
        changed[at] = (changed[at] ?? 0) ^ by
        expect(await verifyFile(changed)).toMatchObject(verdict(changed, at))
      }),
      { numRuns: 1000 },
    )
  })

  test('every digit of every line, made another digit, is found and its record named', async () => {
    let digits = 0
    for (let at = 0; at < file.length; at++) {
      const byte = file[at] ?? 0
      if (byte < 48 || byte > 57) continue
      digits++
      const changed = Buffer.from(file)
      changed[at] = 48 + ((byte - 48 + (at % 2 ? 1 : 9)) % 10)
      expect(await verifyFile(changed), `byte ${at}`).toMatchObject(verdict(changed, at))
    }
    expect(digits).toBeGreaterThan(1000)
  })

  test.each(kinds.map((kind, at) => [at, kind] as const))(
    'line %i (%s) deleted is found, and the record named',
    async (at, kind) => {
      const deleted = await verifyExport(lines.toSpliced(at, 1))
      const record = kind === 'header' ? null : typeof kind === 'number' ? kind : proves(at)
      // Without a checkpoint, the next record is as good as any until the next checkpoint comes.
      expect(deleted).toMatchObject({ ok: false, record: record ?? null })
    },
  )

  test.each(kinds.map((kind, at) => [at, kind] as const))(
    'line %i (%s) doubled is found, and the record named',
    async (at, kind) => {
      const doubled = await verifyExport(lines.toSpliced(at, 0, lines[at] ?? ''))
      const record = typeof kind === 'number' ? { record: kind } : {}
      expect(doubled).toMatchObject({ ok: false, line: at + 2, ...record })
    },
  )

  test.each(kinds.slice(0, -1).map((kind, at) => [at, kind] as const))(
    'line %i (%s) and the next swapped is found, and the first record named',
    async (at, kind) => {
      const swapped = lines.with(at, lines[at + 1] ?? '').with(at + 1, lines[at] ?? '')
      const result = await verifyExport(swapped)
      const record = typeof kind === 'number' ? { record: kind } : {}
      expect(result).toMatchObject({ ok: false, ...record })
    },
  )

  test.each([
    ['an empty line', ''],
    ['a line that is no JSON', 'x'],
    ['a line of another form', '{}'],
    ['a line that is a list', '[]'],
    ['a line nested deeper than any stack', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['a line longer than any', `"${'x'.repeat(2_000_000)}"`],
  ])('%s inserted names the record that should be there', async (_, line) => {
    const result = await verifyExport(lines.toSpliced(lineOf(4), 0, line))
    expect(result).toMatchObject({ ok: false, record: 4, line: lineOf(4) + 1 })
  })

  test('a forged record beside the true one is found, and named', async () => {
    const line = exported({ actor: () => 'p-eve' }).lines[lineOf(4)] ?? ''
    for (const at of [lineOf(4), lineOf(4) + 1])
      expect(await verifyExport(lines.toSpliced(at, 0, line))).toMatchObject({
        ok: false,
        record: 4,
      })
  })

  test('cut off anywhere, it is found', async () => {
    for (let length = 0; length < file.length; length += length % 7 ? 3 : 1)
      expect(await verifyFile(file.subarray(0, length)), `${length} bytes`).toMatchObject({
        ok: false,
      })
    expect(await verifyFile(file.subarray(0, -1))).toMatchObject({
      ok: false,
      record: 7,
      reason: expect.stringContaining('cut off'),
    })
  })

  test('cut off behind a record, it names the first one missing', async () => {
    const cut = lines.slice(0, lineOf(5))
    expect(await verifyExport(cut)).toMatchObject({ ok: false, record: 5 })
  })

  test.each([
    ['Windows line ends', file.toString().replaceAll('\n', '\r\n'), 1],
    ['a byte order mark', `\ufeff${file.toString()}`, 1],
    ['a line after the end', `${file.toString()}\n`, lines.length + 1],
    ['another format', file.toString().replace('audit-1', 'audit-2'), 1],
    ['no records', `${headerLine(signer.verifierKey, 0)}\n`, 1],
  ])('%s: found', async (_, text, line) => {
    expect(await verifyFile(Buffer.from(text))).toMatchObject({ ok: false, record: null, line })
  })

  test('bytes that are no text are found where they are', async () => {
    const at = file.lastIndexOf('鍵', file.indexOf('"seq":4'))
    const changed = Buffer.concat([file.subarray(0, at), Buffer.of(0xff), file.subarray(at + 3)])
    expect(await verifyFile(changed)).toMatchObject({ ok: false, record: 4 })
  })

  test('the same content in another spelling is found', async () => {
    for (const line of [
      lines[lineOf(4)]?.replace('{"actor"', '{ "actor"'),
      lines[lineOf(4)]?.replace('"p-4"', '"p-\\u0034"'),
      lines[lineOf(4)]?.replace('"outcome":0', '"outcome":-0'),
      lines[lineOf(4)]?.replace('"outcome":0', '"outcome":0,"outcome":0'),
    ])
      expect(await verifyExport(lines.with(lineOf(4), line ?? ''))).toMatchObject({
        ok: false,
        record: 4,
      })
  })
})

describe('an export forged with care', () => {
  /** Changes one record and everything that can be computed without the key. */
  const forged = (seq: number) => exported({ actor: (at) => (at === seq ? 'p-eve' : `p-${at}`) })

  test.each([
    [0, 0],
    [2, 0],
    [3, 3],
    [5, 3],
    [9, 7],
  ])('record %i with a new hash: the signed range that begins at %i', async (seq, range) => {
    const line = forged(seq).lines[lineOf(seq)] ?? ''
    expect(await verifyExport(lines.with(lineOf(seq), line))).toMatchObject({
      ok: false,
      record: range,
    })
  })

  test('signed anew with another key, it is found by whoever knows the key', async () => {
    const other = noteSigner('lanyard.example/agent-1', new Uint8Array(32).fill(4))
    const all = exported({ by: other }).lines
    expect(await verifyExport(all)).toMatchObject({ ok: true, pinned: false })
    expect(await verifyExport(all, { key: signer.verifierKey })).toMatchObject({
      ok: false,
      record: null,
      line: 1,
    })
  })

  test('a checkpoint of another key or another log is found', async () => {
    const strangers = [
      noteSigner('lanyard.example/agent-1', new Uint8Array(32).fill(4)),
      noteSigner('lanyard.example/agent-2', new Uint8Array(32).fill(3)),
    ]
    for (const by of strangers) {
      const line = exported({ by }).lines.at(-1) ?? ''
      expect(await verifyExport(lines.with(lines.length - 1, line))).toMatchObject({
        ok: false,
        record: 7,
      })
    }
  })

  test('rewritten by the holder of the key, it is found by a checkpoint kept', async () => {
    const since = notes.get(7) ?? ''
    const options = { since, key: signer.verifierKey }
    expect(await verifyExport(forged(8).lines, options)).toMatchObject({ ok: true })
    expect(await verifyExport(forged(6).lines, options)).toMatchObject({ ok: false, record: 0 })
  })

  test('cut back to an earlier checkpoint, it is found by a later one kept', async () => {
    const earlier = exported({ size: 7, checkpoints: [3] }).lines
    expect(await verifyExport(earlier)).toMatchObject({ ok: true, records: 7 })
    expect(await verifyExport(earlier, { since: notes.get(10) ?? '' })).toMatchObject({
      ok: false,
      record: 7,
    })
  })

  test('a checkpoint kept that is none of this log is said to be so', async () => {
    expect(await verifyExport(lines, { since: 'nonsense' })).toMatchObject({
      ok: false,
      record: null,
    })
  })
})

describe('time', () => {
  test('may step back a little', async () => {
    const { lines } = exported({ time: (seq) => start - (seq === 5 ? 4999 : 0) })
    expect(await verifyExport(lines)).toMatchObject({ ok: true })
  })

  test('may not step back further', async () => {
    const { lines } = exported({ time: (seq) => start - (seq === 5 ? 5001 : 0) })
    expect(await verifyExport(lines)).toMatchObject({ ok: false, record: 5 })
  })

  test('may step back where the log says that the clock jumped', async () => {
    const { lines } = exported({
      time: (seq) => start - (seq >= 5 ? 3_600_000 : 0),
      event: (seq) => (seq === 5 ? 'clock.jumped' : 'badge.identified'),
    })
    expect(await verifyExport(lines)).toMatchObject({ ok: true })
  })
})
