/** A pcProx Plus as its ASCII command protocol shows it, with prompt and echo where asked for. */
export function createVirtualRfIdeas({ send, now, chatty = false }: RfIdeasOptions) {
  let held = ''
  let read: { readonly id: string; readonly bits: number; readonly at: number } | null = null
  let lyingUntil: number | null = 0
  const variables = new Map([
    ['wieg.strip.lead.bits', '1'],
    ['wieg.strip.trail.bits', '1'],
    ['wieg.inv.bits', 'False'],
    ['wieg.rev.bits', 'False'],
    ['wieg.rev.bytes', 'False'],
    ['out.led', '255'],
    ['beep.now', '0'],
  ])
  const ticks = (ms: number) =>
    `0x${Math.min(0xffff, Math.floor(ms / 48))
      .toString(16)
      .padStart(4, '0')}`

  function answer(command: string): string | null {
    const [, variable = '', operation = '', value = ''] =
      /^rfid:([a-z.]+)([=?]?)(.*)$/.exec(command) ?? []
    if (variable === 'qid') {
      device.requests += 1
      const age = read ? now() - read.at : 0xffff * 48
      const lockout = lyingUntil === null ? 1_152 : Math.max(0, lyingUntil - now())
      return `{${ticks(age)},0,${ticks(lockout)},${read?.bits ?? 0};0x${read?.id ?? '00'}}`
    }
    const known = variables.get(variable)
    if (known === undefined) return 'Error#1'
    if (operation === '?') return `{${known}}`
    variables.set(variable, value)
    return null
  }

  const device = {
    silent: false,
    requests: 0,
    variables,
    /** A card is laid down. */
    present(id: string, bits: number) {
      read = { id, bits, at: now() }
      lyingUntil = null
    },
    remove() {
      lyingUntil = now() + 1_152
    },
    receive(text: string) {
      held += text
      for (let end = held.indexOf('\r'); end >= 0; end = held.indexOf('\r')) {
        const command = held.slice(0, end)
        held = held.slice(end + 1)
        if (device.silent) continue
        const given = answer(command)
        const body = given === null ? '' : `${given}\r\n`
        send(chatty ? `${command}\r\n${body}\r\nRF IDeas>` : body)
      }
    },
  }
  return device
}
export type VirtualRfIdeas = ReturnType<typeof createVirtualRfIdeas>

export interface RfIdeasOptions {
  readonly send: (text: string) => void
  readonly now: () => number
  readonly chatty?: boolean
}
