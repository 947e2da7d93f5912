/* global dicomParser */
const root = document.documentElement
const stage = document.querySelector('.stage')

const ready = async () => {
  await document.fonts.ready
  const painted = new Promise((resolve) =>
    requestAnimationFrame(() => requestAnimationFrame(resolve)),
  )
  // A page that nobody sees yet paints no frames.
  await Promise.race([painted, new Promise((resolve) => setTimeout(resolve, 500))])
  root.dataset.ready = 'true'
}

/** Reads what the viewer needs; refuses a file of anyone but the patient in context. */
const readImage = (bytes, patient) => {
  const data = dicomParser.parseDicom(bytes)
  if (data.string('x00100020') !== patient) throw new Error('another patient')
  const pixels = data.elements.x7fe00010
  const from = bytes.byteOffset + pixels.dataOffset
  return {
    rows: data.uint16('x00280010'),
    columns: data.uint16('x00280011'),
    values: new Uint16Array(bytes.buffer.slice(from, from + pixels.length)),
    intercept: data.floatString('x00281052') ?? 0,
    center: data.floatString('x00281050'),
    width: data.floatString('x00281051'),
    spacing: data.floatString('x00280030', 0),
  }
}

const startViewer = (image) => {
  const canvas = stage.querySelector('canvas')
  const overlay = (name) => stage.querySelector(`[data-overlay=${name}]`)
  const context = canvas.getContext('2d', { alpha: false })
  const source = new OffscreenCanvas(image.columns, image.rows)
  const sourceContext = source.getContext('2d')
  const initial = { center: image.center, width: image.width, zoom: 1, x: 0, y: 0, invert: false }
  const view = { ...initial, tool: 'window', line: null }
  let scheduled = false

  const shade = () => {
    const shaded = sourceContext.createImageData(image.columns, image.rows)
    const low = view.center - view.width / 2 - image.intercept
    const scale = 255 / view.width
    for (let index = 0; index < image.values.length; index++) {
      const grey = Math.min(255, Math.max(0, (image.values[index] - low) * scale))
      const shown = view.invert ? 255 - grey : grey
      shaded.data[index * 4] = shown
      shaded.data[index * 4 + 1] = shown
      shaded.data[index * 4 + 2] = shown
      shaded.data[index * 4 + 3] = 255
    }
    sourceContext.putImageData(shaded, 0, 0)
  }

  /** Canvas pixels per image pixel, and where the image starts. */
  const placement = () => {
    const fit = Math.min(canvas.width / image.columns, canvas.height / image.rows)
    const scale = fit * view.zoom
    return {
      scale,
      left: canvas.width / 2 + view.x * devicePixelRatio - (image.columns * scale) / 2,
      top: canvas.height / 2 + view.y * devicePixelRatio - (image.rows * scale) / 2,
    }
  }

  const drawLine = ({ scale, left, top }) => {
    if (view.line === null) return
    const [from, to] = view.line
    const x1 = left + from.x * scale
    const y1 = top + from.y * scale
    const x2 = left + to.x * scale
    const y2 = top + to.y * scale
    const text = `${(Math.hypot(to.x - from.x, to.y - from.y) * image.spacing).toFixed(1)} mm`
    context.lineWidth = 2 * devicePixelRatio
    context.strokeStyle = '#ffd35c'
    context.beginPath()
    context.moveTo(x1, y1)
    context.lineTo(x2, y2)
    context.stroke()
    context.font = `600 ${15 * devicePixelRatio}px 'Atkinson Hyperlegible Next', sans-serif`
    context.lineWidth = 4 * devicePixelRatio
    context.strokeStyle = '#000'
    context.strokeText(text, x2 + 10 * devicePixelRatio, y2)
    context.fillStyle = '#ffd35c'
    context.fillText(text, x2 + 10 * devicePixelRatio, y2)
  }

  const paint = () => {
    scheduled = false
    const box = stage.getBoundingClientRect()
    canvas.width = Math.round(box.width * devicePixelRatio)
    canvas.height = Math.round(box.height * devicePixelRatio)
    const place = placement()
    context.imageSmoothingQuality = 'high'
    context.drawImage(
      source,
      place.left,
      place.top,
      image.columns * place.scale,
      image.rows * place.scale,
    )
    drawLine(place)
    overlay('window').textContent = `W ${Math.round(view.width)}  L ${Math.round(view.center)}`
    overlay('zoom').textContent = `${Math.round((place.scale / devicePixelRatio) * 100)} %`
  }
  const redraw = () => {
    if (!scheduled) requestAnimationFrame(paint)
    scheduled = true
  }
  const changeWindow = (wider, brighter) => {
    const step = initial.width / 400
    view.width = Math.max(1, view.width + wider * step)
    view.center -= brighter * step
    shade()
    redraw()
  }
  const zoomBy = (factor) => {
    view.zoom = Math.min(12, Math.max(0.5, view.zoom * factor))
    redraw()
  }
  const chooseTool = (tool) => {
    view.tool = tool
    for (const button of document.querySelectorAll('[data-tool]'))
      button.setAttribute('aria-pressed', String(button.dataset.tool === tool))
  }
  const invert = () => {
    view.invert = !view.invert
    document.querySelector('[data-do=invert]').setAttribute('aria-pressed', String(view.invert))
    shade()
    redraw()
  }
  const reset = () => {
    if (view.invert) invert()
    Object.assign(view, initial, { line: null })
    shade()
    redraw()
  }

  const actions = { in: () => zoomBy(1.25), out: () => zoomBy(0.8), invert, reset }
  for (const button of document.querySelectorAll('[data-do]'))
    button.addEventListener('click', actions[button.dataset.do])
  for (const button of document.querySelectorAll('[data-tool]'))
    button.addEventListener('click', () => chooseTool(button.dataset.tool))

  const imagePoint = (event) => {
    const { scale, left, top } = placement()
    return {
      x: (event.offsetX * devicePixelRatio - left) / scale,
      y: (event.offsetY * devicePixelRatio - top) / scale,
    }
  }
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    if (view.tool === 'measure') view.line = [imagePoint(event), imagePoint(event)]
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return
    if (view.tool === 'window') changeWindow(event.movementX, -event.movementY)
    if (view.tool === 'pan') {
      view.x += event.movementX
      view.y += event.movementY
      redraw()
    }
    if (view.tool === 'measure' && view.line !== null) {
      view.line = [view.line[0], imagePoint(event)]
      redraw()
    }
  })
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      zoomBy(event.deltaY < 0 ? 1.1 : 1 / 1.1)
    },
    { passive: false },
  )
  canvas.addEventListener('keydown', (event) => {
    const arrows = {
      ArrowUp: [0, 10],
      ArrowDown: [0, -10],
      ArrowRight: [10, 0],
      ArrowLeft: [-10, 0],
    }
    const change = arrows[event.key]
    if (change === undefined) return
    event.preventDefault()
    changeWindow(...change)
  })
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const keys = {
      w: () => chooseTool('window'),
      m: () => chooseTool('pan'),
      d: () => chooseTool('measure'),
      i: invert,
      r: reset,
      '+': actions.in,
      '-': actions.out,
    }
    keys[event.key.toLowerCase()]?.()
  })

  overlay('size').textContent = `${image.columns} × ${image.rows}, 12 bit`
  overlay('message').hidden = true
  new ResizeObserver(redraw).observe(stage)
  shade()
  paint()
}

const load = async () => {
  if (stage === null) return
  const message = stage.querySelector('[data-overlay=message]')
  try {
    const response = await fetch(stage.dataset.src)
    if (!response.ok) throw new Error(`answered ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    startViewer(readImage(bytes, stage.dataset.patient))
  } catch {
    message.textContent = 'The image cannot be shown. Open it again from the list.'
  }
}

/** Another patient or purpose in context: nothing here can be lost, so the page starts anew. */
const checkContext = async () => {
  const response = await fetch('/context').catch(() => null)
  if (response === null) return
  if (response.status === 401) location.reload()
  else if ((await response.json()).context !== root.dataset.context) location.assign('/')
}
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void checkContext()
})
setInterval(() => {
  if (document.visibilityState === 'visible') void checkContext()
}, 3000)

await load()
await ready()
