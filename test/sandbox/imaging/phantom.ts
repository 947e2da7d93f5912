/** Side of every generated image, in pixels. */
export const SIZE = 512

export interface PhantomOptions {
  readonly seed: number
  /** A soft opacity in the right lower zone. */
  readonly opacity: boolean
}

const gauss = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2))
/** 0 outside, 1 inside, smooth over `edge`. */
const inside = (distance: number, edge: number): number => {
  const t = Math.min(1, Math.max(0, 0.5 - distance / (2 * edge)))
  return t * t * (3 - 2 * t)
}
const ellipse = (x: number, y: number, rx: number, ry: number): number =>
  Math.sqrt((x / rx) ** 2 + (y / ry) ** 2) - 1

const randomOf = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

/** Shapes are worked out at every second pixel and interpolated; the grain is per pixel. */
const draw = (seed: number, grain: number, valueAt: (x: number, y: number) => number) => {
  const side = SIZE / 2 + 1
  const coarse = new Float32Array(side * side)
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      coarse[row * side + column] = valueAt(
        (column / (side - 1)) * 2 - 1,
        (row / (side - 1)) * 2 - 1,
      )

  const random = randomOf(seed)
  const pixels = new Uint16Array(SIZE * SIZE)
  const at = (row: number, column: number) => coarse[row * side + column] ?? 0
  let before = 0
  for (let row = 0; row < SIZE; row++) {
    const top = row >> 1
    const down = (row & 1) / 2
    for (let column = 0; column < SIZE; column++) {
      const left = column >> 1
      const right = (column & 1) / 2
      const upper = at(top, left) * (1 - right) + at(top, left + 1) * right
      const lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
      before = before * 0.45 + (random() - 0.5) * grain
      const value = upper * (1 - down) + lower * down + before
      pixels[row * SIZE + column] = Math.min(4095, Math.max(0, value))
    }
  }
  return pixels
}

interface Vessel {
  readonly side: number
  readonly angle: number
  readonly bend: number
  readonly length: number
  readonly width: number
}

/** A chest radiograph that nobody ever had: analytic shapes, 12 of 16 bits, bone bright. */
export const chestPhantom = ({ seed, opacity }: PhantomOptions): Uint16Array => {
  const random = randomOf(seed * 7919 + 17)
  const vary = (span: number) => (random() - 0.5) * 2 * span
  const heartX = 0.13 + vary(0.02)
  const domeRight = 0.5 + vary(0.03)
  const domeLeft = domeRight + 0.06
  const vessels: Vessel[] = Array.from({ length: 34 }, (_, index) => ({
    side: index % 2 === 0 ? -1 : 1,
    angle: -1.35 + (2.7 * Math.floor(index / 2)) / 16 + vary(0.07),
    bend: vary(0.5),
    length: 0.24 + random() * 0.2,
    width: 0.006 + random() * 0.006,
  }))

  const lung = (x: number, y: number, side: number): number => {
    const cx = side * (0.385 + 0.05 * y)
    const dome = side < 0 ? domeRight : domeLeft
    const floor = y - (dome + 1.5 * (x - side * 0.36) ** 2)
    const lobe = ellipse(x - cx, y - 0.02, 0.315 + 0.05 * y, 0.86)
    return inside(lobe, 0.09) * inside(floor, 0.035)
  }

  return draw(seed, 46, (x, y) => {
    // Torso, shoulders and neck.
    const shoulder = y < -0.45 ? -0.45 - y : 0
    const halfWidth = Math.max(0.2, 0.93 - 1.9 * shoulder ** 1.6)
    const torso = inside(Math.abs(x) - halfWidth, 0.035)
    if (torso === 0) return 70
    const depth = Math.sqrt(Math.max(0, 1 - (x / (halfWidth + 0.06)) ** 2))
    let value = 1250 + 900 * depth

    // Lungs, with vessels that leave the hilum and fade outwards.
    const right = lung(x, y, -1)
    const left = lung(x, y, 1)
    const air = Math.max(right, left)
    value -= air * (1330 + 160 * gauss(y + 0.35, 0.4))
    if (air > 0.05) {
      for (const { side, angle, bend, length, width } of vessels) {
        if (side * x < 0) continue
        const dx = side * x - 0.2
        const dy = y + 0.02
        const away = Math.hypot(dx, dy)
        if (away > length + 0.1 || away < 0.05) continue
        const offset = Math.atan2(dy, dx) - angle - bend * away
        if (Math.abs(offset) > 1) continue
        const thin = width * (1 - (0.6 * away) / (length + 0.1))
        const strength = 210 * inside(away - length, 0.1) * inside(0.1 - away, 0.06)
        value += air * strength * gauss(offset * away, thin)
      }
      value +=
        air *
        330 *
        (gauss(Math.hypot(x + 0.2, y + 0.02), 0.09) + gauss(Math.hypot(x - 0.21, y + 0.04), 0.08))
    }

    // Ribs: the posterior ones fall outwards, the anterior ones fall inwards and are fainter.
    const across = Math.abs(x)
    if (across < 0.84) {
      const shown = inside(0.05 - across, 0.05) * inside(across - 0.74 - 0.06 * y, 0.05)
      for (let rib = 0; rib < 9; rib++) {
        const top = -0.76 + rib * 0.155
        const posterior = y - (top - 0.1 + 0.62 * (across - 0.3) ** 2 + 0.12 * across)
        if (Math.abs(posterior) < 0.08) {
          const cortex = gauss(Math.abs(posterior) - 0.022, 0.008)
          value += shown * (120 * inside(Math.abs(posterior) - 0.024, 0.012) + 90 * cortex)
        }
        const anterior = y - (top + 0.34 - 0.42 * (across - 0.1) ** 2 - 0.28 * (0.8 - across))
        if (across > 0.22 && Math.abs(anterior) < 0.06)
          value +=
            shown * 70 * inside(Math.abs(anterior) - 0.028, 0.014) * inside(0.34 - across, 0.1)
      }
    }

    // Spine, mediastinum, heart, diaphragm.
    const vertebra = 0.5 + 0.5 * Math.cos((y + 0.03) * 38)
    value += gauss(x, 0.105) * (430 + 130 * vertebra) + 60 * gauss(Math.abs(x) - 0.07, 0.012)
    value -= 330 * gauss(x + 0.012, 0.035) * inside(y + 0.28, 0.12)
    value += 520 * gauss(x - 0.1, 0.09) * gauss(y + 0.26, 0.1)
    const tilted = (x - heartX) * 0.9 + (y - 0.2) * 0.42
    const upright = (y - 0.2) * 0.9 - (x - heartX) * 0.42
    value += 640 * inside(ellipse(tilted, upright, 0.34, 0.27), 0.13)
    value += 260 * inside(domeRight + 0.1 - y, 0.3) * (1 - air)
    value -= 420 * gauss(Math.hypot((x - 0.42) / 1.4, y - (domeLeft + 0.16)), 0.1)

    // Clavicles and scapular edges.
    const clavicle = y + 0.64 - 0.16 * Math.sin((across - 0.1) * 3.1) + 0.08 * across
    if (across < 0.78)
      value +=
        inside(0.09 - across, 0.05) *
        inside(across - 0.68, 0.06) *
        (170 * inside(Math.abs(clavicle) - 0.028, 0.014) +
          110 * gauss(Math.abs(clavicle) - 0.028, 0.009))
    value += 170 * gauss(across - 0.74 - 0.2 * y, 0.02) * inside(Math.abs(y + 0.35) - 0.25, 0.1)

    if (opacity) {
      const patch = gauss(Math.hypot((x + 0.4) / 1.25, y - 0.3), 0.16)
      value += right * 640 * patch * (0.8 + 0.2 * Math.sin(x * 41) * Math.sin(y * 37))
    }
    // A detector saturates softly.
    const soft = value > 1900 ? 1900 + 900 * Math.tanh((value - 1900) / 1100) : value
    return 70 + torso * (soft - 70)
  })
}

/** An axial slice through a head of ellipses, Hounsfield units plus 1024. */
export const headPhantom = ({ seed }: PhantomOptions): Uint16Array =>
  draw(seed, 12, (x, y) => {
    const skull = ellipse(x, y * 0.84, 0.62, 0.68)
    if (skull > 0.12) return 24
    const scalp = inside(skull - 0.07, 0.02) * 1050
    const bone = inside(skull, 0.012) - inside(skull + 0.1, 0.012)
    const brain = inside(skull + 0.11, 0.012)
    const folds = Math.sin(x * 46 + 4 * Math.sin(y * 17)) * Math.sin(y * 39 + 5 * Math.sin(x * 15))
    const rim = gauss(skull + 0.17, 0.07)
    let tissue = 1024 + 34 + 5 * rim + 3.5 * folds * gauss(skull + 0.22, 0.14)
    const horn = (cx: number, cy: number, tilt: number) => {
      const dx = Math.abs(x) - cx
      const dy = y - cy
      return inside(ellipse(dx + tilt * dy, dy, 0.055, 0.17), 0.25)
    }
    tissue -= 26 * Math.max(horn(0.085, -0.14, -0.42), horn(0.13, 0.2, 0.5))
    tissue -= 20 * inside(ellipse(x, y - 0.02, 0.018, 0.1), 0.4)
    tissue += 9 * gauss(x, 0.006) * inside(0.28 - Math.abs(y), 0.08)
    tissue += 6 * gauss(Math.hypot(Math.abs(x) - 0.2, y), 0.07)
    return Math.max(24, scalp * (1 - brain) * (1 - bone) + bone * 2250 + brain * tissue)
  })
