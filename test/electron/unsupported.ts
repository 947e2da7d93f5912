/** Thrown when the application uses a member of Electron that the stand-in does not provide. */
export class UnsupportedError extends Error {
  readonly code = 'STAND_IN_UNSUPPORTED'
  constructor(member: string) {
    super(
      `The stand-in for Electron does not provide ${member}. ` +
        'Use a provided member, or add this one to test/electron with a test.',
    )
    this.name = 'UnsupportedError'
  }
}

/** Names that promises, printers and test runners look for on any object. */
const probes = new Set([
  'then',
  'catch',
  'toJSON',
  'inspect',
  'asymmetricMatch',
  'nodeType',
  'tagName',
  'domain',
  'default',
  '__esModule',
])

/** Ends a prototype chain: reading any name that nothing before it has throws, naming it. */
const guard: object = new Proxy(Object.create(Object.prototype), {
  get(target: object, name, receiver: unknown) {
    if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, receiver)
    if (probes.has(name) || /^(?:_|@@|\$\$)/.test(name)) return undefined
    throw new UnsupportedError(`${nameOf(receiver)}.${name}`)
  },
})

const nameOf = (receiver: unknown): string => {
  if (typeof receiver === 'function') return receiver.name
  const given: unknown = Object.getOwnPropertyDescriptor(receiver, moduleName)?.value
  if (typeof given === 'string') return given
  return (receiver as object).constructor.name
}

const moduleName = Symbol('moduleName')

/** Base of every class of the stand-in. */
export class Guarded {
  static {
    Object.setPrototypeOf(this.prototype, guard)
  }
}

/** Makes a plain object throw on members that it lacks, naming itself `name`. */
export const guarded = <T extends object>(name: string, members: T): T => {
  Object.defineProperty(members, moduleName, { value: name })
  return Object.setPrototypeOf(members, guard) as T
}
