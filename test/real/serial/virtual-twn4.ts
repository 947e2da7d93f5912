export interface VirtualTag {
  readonly type: number
  readonly bits: number
  readonly hex: string
}

/** What it does with the next requests, until it is told otherwise. */
export type Twn4Fault = 'none' | 'silent' | 'late' | 'garbage' | 'half' | 'refuse'

/** A TWN4 as its simple protocol shows it; `send` is its side of the cable. */
export function createVirtualTwn4({ send, version = 'TWN4/B1.08/NKF4.51/PRS1.04' }: Twn4Options) {
  let held = ''
  const late: string[] = []

  function answer(request: string): string {
    if (request === '0004FF')
      return `00${byte(version.length)}${Buffer.from(version).toString('hex')}`
    if (request.startsWith('0500')) {
      device.searches += 1
      const { tag } = device
      if (!tag) return '0000'
      return `0001${byte(tag.type)}${byte(tag.bits)}${byte(tag.hex.length / 2)}${tag.hex}`
    }
    if (request.startsWith('0402')) device.lamps |= Number.parseInt(request.slice(4), 16)
    else if (request.startsWith('0403')) device.lamps &= ~Number.parseInt(request.slice(4), 16)
    else if (request.startsWith('0407')) device.beeps += 1
    else if (!request.startsWith('0400')) return '01'
    return '00'
  }

  function reply(request: string): void {
    device.requests += 1
    const text = `${answer(request).toUpperCase()}\r`
    switch (device.fault) {
      case 'none':
        return send(text)
      case 'silent':
        return
      case 'late':
        return void late.push(text)
      case 'garbage':
        return send('\u0000\u0007zz~~\r')
      case 'half':
        return send(text.slice(0, Math.ceil(text.length / 2)))
      case 'refuse':
        return send(request === '0004FF' ? text : '04\r')
    }
  }

  const device = {
    tag: null as VirtualTag | null,
    fault: 'none' as Twn4Fault,
    lamps: 0,
    beeps: 0,
    requests: 0,
    searches: 0,
    receive(text: string) {
      held += text
      for (let end = held.indexOf('\r'); end >= 0; end = held.indexOf('\r')) {
        const request = held.slice(0, end)
        held = held.slice(end + 1)
        reply(request)
      }
    },
    /** Sends the answers that were kept back. */
    catchUp() {
      for (const text of late.splice(0)) send(text)
    },
  }
  return device
}
export type VirtualTwn4 = ReturnType<typeof createVirtualTwn4>

export interface Twn4Options {
  readonly send: (text: string) => void
  readonly version?: string
}

const byte = (value: number) => value.toString(16).padStart(2, '0')
