import { types, type CustomTypesConfig } from 'pg'

/** A number that JavaScript cannot hold exactly came back: a bug, never to be rounded over. */
export class UnsafeNumber extends Error {
  constructor() {
    super('The database holds a number beyond 2^53.')
    this.name = 'UnsafeNumber'
  }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new UnsafeNumber()
  return value
}

const readBytes = types.getTypeParser(types.builtins.BYTEA)
const bytes = (text: string) => Uint8Array.from(readBytes(text) as Buffer)

const own = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, wholeNumber],
  [types.builtins.NUMERIC, wholeNumber],
  [types.builtins.BYTEA, bytes],
])

/** Values as the embedded engine gives them: numbers for every integer and sum, plain bytes. */
export const valueTypes: CustomTypesConfig = {
  getTypeParser(id: number, format?: 'text' | 'binary') {
    return own.get(id) ?? (types.getTypeParser(id, format) as (text: string) => unknown)
  },
}
